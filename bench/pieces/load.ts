/** A fixed number of clients that ask one address over and over; a process of its own would ask no faster here. */

import { Agent, get } from "node:http";

const clients = 8;
const seconds = 2;
const headers = { "x-harness-secret": "control-key-0123456789" };

/** Answers a second. Anything but a 200 is an error. */
export async function countAnswers(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const until = performance.now() + seconds * 1000;
  let answers = 0;
  const ask = async (): Promise<void> => {
    while (performance.now() < until) {
      await getOnce(url, agent);
      answers += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, ask));
  agent.destroy();
  return answers / seconds;
}

function getOnce(url: string, agent: Agent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = get(url, { agent, headers }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`HTTP ${response.statusCode}`));
    response.resume();
    response.once("end", resolve);
  });
  request.once("error", reject);
  return promise;
}
