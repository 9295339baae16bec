import { demand, type Fault } from "../injection.ts";

const TIMES = 5;

/** The same dispatch again, five times at once. */
export const dispatchAgain: Fault = async (stage) => {
  const again = Array.from({ length: TIMES }, () => stage.dispatch(stage.body, stage.policy));
  const answers = (await Promise.all(again)).map(({ status, code }) => code ?? String(status));
  const wanted = stage.phase === "idle" ? "already-finished" : "202";
  demand(
    answers.every((answer) => answer === wanted),
    `the dispatches were answered with ${answers.join()}`,
  );
  return { evidence: () => Promise.resolve(`${TIMES} dispatches were answered with ${wanted}`) };
};
