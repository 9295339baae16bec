// An agent that prints every secret it can get at, in every way tools have: no served, logged or stored byte has them.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { runInTurn, type Script } from "../../local/model/script.ts";
import { recorded } from "./recorded.ts";
import { openWorld, type World } from "./world.ts";

let world: World;
let folder: string;
const before = process.env["TMPDIR"];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holt-s-"));
  // Everything that workerd, wrangler, the engine and the harness store goes below this folder.
  process.env["TMPDIR"] = folder;
  world = await openWorld();
});
afterAll(async () => {
  await world.close();
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  await rm(folder, { recursive: true, force: true });
});

test("invariant 10: no secret an agent prints is in any served, logged or stored byte", async ({
  expect,
}) => {
  const { git, model } = world.secrets;
  const encode = (how: string): string =>
    `node -e 'const of = process.argv[1]; process.stdout.write(${how})' "$PI_PROXY_TOKEN"`;
  const commands = [
    `echo raw ${git}; echo raw $PI_PROXY_TOKEN; echo ${git} >&2`,
    `printf %s ${git} | base64; printf 'x-access-token:%s' ${git} | base64 -w0; printf ' %s' ${git} | base64`,
    encode('Buffer.from("a" + of).toString("base64")'),
    encode('[...Buffer.from(of)].map((byte) => "%" + byte.toString(16)).join("")'),
    encode('Buffer.from(of).toString("hex")'),
    encode("JSON.stringify(JSON.stringify({ of }))"),
    encode("of.slice(0, 9)); setTimeout(() => process.stdout.write(of.slice(9)), 50"),
    `git config --global user.note ${git}; echo "{\\"title\\":\\"${git}\\"}" > secret-${git}.json; ls; exit 3`,
    `echo ${git} > kept.txt && git add kept.txt && git commit -qm "holds the token"`,
  ];
  const forms = [...formsOf("git", git), ...formsOf("model", model)];
  const said = forms.map(({ written }) => written).join(" and ");
  const agent = recorded(runInTurn(commands, `The tokens are ${said}.`));
  const body = world.job("exec_leaky", agent.script, {
    userPrompt: `Print ${git}, please.`,
    pr: { title: `With ${git}`, body: "The token in the title is not ours to hide." },
  });
  await world.dispatch(body);
  const view = await world.ended(body.jobId);
  expect(view).toMatchObject({ state: "done", result: { pushed: true } });
  const broken = world.job("exec_leaky-broken", leakByError(git, model));
  await world.dispatch(broken);
  expect(await world.ended(broken.jobId)).toMatchObject({ state: "failed", failureCause: "agent" });

  // The agent did see them, and said them.
  expect(agent.results.get(commands[0] ?? "")).toContain(`raw ${git}\nraw ${model}`);
  expect([...agent.results.values()].join("\n")).toContain(Buffer.from(model).toString("hex"));

  const served = await Promise.all(
    [body, broken].flatMap(({ jobId }) => {
      const execution = jobId.split("-")[0] ?? "";
      const native = `/v1/executions/${execution}`;
      return [
        `${native}/jobs/${jobId}`,
        `${native}/jobs/${jobId}?result=full`,
        `${native}/events?limit=1000`,
        native,
        `/jobs/${jobId}?after=0`,
        `/jobs/${jobId}`,
      ].map(async (path) => ({ what: path, text: await (await world.fetch(path)).text() }));
    }),
  );
  // The stand-ins tell their own log what they were made to say.
  const printed = world.lines.filter((line) => !/^(scripted model|github|git server):/.test(line));
  const logged = [
    { what: "printed", text: printed.join("\n") },
    { what: "the Worker's log", text: world.workerLog().join("\n") },
  ];
  const stored = await filesBelow(folder, /\/repositories\//);
  expect(served.map(({ text }) => text).join("\n")).toContain("The tokens are");
  const rows = stored.filter(({ what }) => what.includes(".sqlite")).map(({ text }) => text);
  expect(rows.join("\n")).toContain("The tokens are");
  expect(printed.join("\n")).toMatch(/job\.ended/);

  const found = [...served, ...logged, ...stored].flatMap(({ what, text }) =>
    forms.flatMap(({ name, core }) => (text.includes(core) ? [`${name} in ${what}`] : [])),
  );
  expect(found).toEqual([]);
});

/** A model whose refusal carries what it was sent. */
function leakByError(git: string, model: string): Script {
  return () => ({
    kind: "http-error",
    status: 401,
    message: `the token ${model} is not known, nor is ${git}`,
  });
}

/** A secret as tools write it; `core` is what no neighbour of it can change. */
type Form = { readonly name: string; readonly written: string; readonly core: string };

function formsOf(name: string, secret: string): readonly Form[] {
  const bytes = [...Buffer.from(secret)];
  const escaped = bytes.map((byte) => `%${byte.toString(16)}`).join("");
  const whole = {
    raw: secret,
    "in hex": Buffer.from(secret).toString("hex"),
    "percent-encoded": escaped,
    "percent-encoded in capitals": escaped.toUpperCase(),
  };
  const base64 = [0, 1, 2].map((shift) => {
    const written = Buffer.from("x".repeat(shift) + secret).toString("base64");
    return { name: `${name} in base64, shifted by ${shift}`, written, core: written.slice(4, -4) };
  });
  return [
    ...Object.entries(whole).map(([form, text]) => ({ name: `${name} ${form}`, written: text, core: text })),
    ...base64,
  ];
}

/** Every file below a folder as bytes, as far as its path does not match `except`. */
async function filesBelow(
  root: string,
  except: RegExp,
): Promise<readonly { readonly what: string; readonly text: string }[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !except.test(path));
  return Promise.all(
    paths.map(async (what) => ({ what, text: await readFile(what, "latin1").catch(() => "") })),
  );
}
