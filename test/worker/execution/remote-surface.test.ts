import { reset } from "cloudflare:test";
import { afterEach, test } from "vitest";
import type { ExecutionRpc } from "../../../worker/execution/rpc.ts";
import { Execution } from "../../../worker/execution/execution.ts";
import { Rig } from "./rig.ts";

afterEach(reset);

const remote = {
  dispatch: true,
  take: true,
  read: true,
  result: true,
  execution: true,
  events: true,
  cancel: true,
  extend: true,
  release: true,
  beat: true,
  tend: true,
  granted: true,
} as const satisfies Record<keyof ExecutionRpc, true>;

test("the object has no method that could be called from outside but those of its contract", ({ expect }) => {
  const names = Object.getOwnPropertyNames(Execution.prototype).filter((name) => name !== "constructor");
  expect(names.toSorted()).toEqual([...Object.keys(remote), "alarm"].toSorted());
});

test("nothing of an object's inside answers to a call", async ({ expect }) => {
  const rig = new Rig();
  await rig.begin();
  const before = await rig.everything();
  for (const name of [
    "apply",
    "deps",
    "runtime",
    "store",
    "vault",
    "wake",
    "reset",
    "forget",
    "ctx",
    "env",
  ]) {
    const method: unknown = Reflect.get(rig.stub, name);
    const call = async (): Promise<unknown> =>
      typeof method === "function" ? Reflect.apply(method, rig.stub, []) : undefined;
    await expect(call(), name).rejects.toThrow(/does not implement/);
  }
  expect(await rig.everything()).toEqual(before);
});
