import { test } from "vitest";
import { resolveAgentUser } from "../../../container/process/agent-user.ts";

const passwd = `root:x:0:0:root:/root:/bin/bash
toor:x:0:7::/root:/bin/bash
wheel:x:77:0::/:/bin/sh
broken:x:abc:1::/:/bin/sh
agent:x:10002:10003:an agent,,,:/home/agent:/bin/bash
`;
const root = { ownUid: 0, passwd };

test("an account is found by its name, and by numbers where it has no entry", ({ expect }) => {
  expect(resolveAgentUser("agent", root)).toEqual({
    kind: "user",
    user: { name: "agent", uid: 10_002, gid: 10_003 },
  });
  expect(resolveAgentUser("10002", root)).toMatchObject({ user: { uid: 10_002, gid: 10_002 } });
  expect(resolveAgentUser("10002:7", root)).toMatchObject({ user: { uid: 10_002, gid: 7 } });
  expect(resolveAgentUser(null, root)).toEqual({ kind: "none" });
});

for (const given of ["nobody-here", "broken", "age", "agent:x", "4294967295"]) {
  test(`'${given}' is no account and is refused with its name`, ({ expect }) => {
    expect(resolveAgentUser(given, root)).toEqual({
      kind: "refused",
      error: expect.stringContaining(`'${given}'`),
    });
  });
}

for (const given of ["root", "toor", "wheel", "0", "0:5", "5:0"]) {
  test(`'${given}' would give agents root's rights and is refused`, ({ expect }) => {
    expect(resolveAgentUser(given, root)).toEqual({
      kind: "refused",
      error: expect.stringContaining("must not be root"),
    });
  });
}

test("a harness that is not root says that its agents share its account", ({ expect }) => {
  for (const ownUid of [1_000, undefined]) {
    expect(resolveAgentUser("agent", { ownUid, passwd })).toEqual({
      kind: "powerless",
      text: expect.stringContaining("only root"),
    });
  }
});
