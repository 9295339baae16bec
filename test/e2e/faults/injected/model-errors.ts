import { demand, type Fault } from "../injection.ts";

const STATUSES = [429, 503];

/** The model answers two requests with 429 and 503. Where the agent asks nothing, the probes alone meet them. */
export const breakModel: Fault = async (stage) => {
  stage.agent.refuse(STATUSES);
  const seen: number[] = [];
  for (const _ of STATUSES) seen.push(await probe(stage));
  demand(seen.join() === STATUSES.join(), `probes were answered with ${seen.join()}`);
  const meetsAgent = stage.phase === "agent";
  if (meetsAgent) stage.agent.refuse(STATUSES);
  return {
    evidence: () => {
      demand(stage.agent.refusalsLeft() === 0, "the agent has not met every refusal");
      return Promise.resolve(
        `answers ${STATUSES.join(" and ")} to probes${meetsAgent ? ", then to the agent" : ""}`,
      );
    },
  };
};

async function probe({ world, execution }: Parameters<Fault>[0]): Promise<number> {
  const response = await fetch(`${world.standIns.model.url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${world.secrets.model}`, "content-type": "application/json" },
    body: JSON.stringify({ model: execution, messages: [{ role: "user", content: "probe" }] }),
  });
  await response.arrayBuffer();
  return response.status;
}
