// Preloaded into a harness: how long its event loop was held at most, printed at SIGUSR2 and counted anew from there.
import { monitorEventLoopDelay } from "node:perf_hooks";

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on("SIGUSR2", () => {
  console.error(`event loop held for at most ${delay.max / 1e6} ms`);
  delay.reset();
});
