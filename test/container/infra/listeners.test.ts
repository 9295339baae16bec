import { test } from "vitest";
import { findOwner, isPortTaken } from "../../../container/infra/listeners.ts";
import { freePort, occupy } from "./site.ts";

test("a port with a listener is taken, one without is free", async ({ expect }) => {
  const port = await freePort();
  expect(await isPortTaken(port)).toBe(false);
  await occupy(port);
  expect(await isPortTaken(port)).toBe(true);
});

test("a listener is ours only if one of our processes holds its socket", async ({ expect }) => {
  const port = await freePort();
  const own = new Set([process.pid]);
  expect(await findOwner(port, own)).toBe("nobody");
  await occupy(port);
  expect(await findOwner(port, own)).toBe("ours");
  expect(await findOwner(port, new Set())).toBe("foreign");
  expect(await findOwner(port, new Set([process.ppid]))).toBe("foreign");
});
