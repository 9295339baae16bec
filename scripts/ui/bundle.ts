import { build, type Metafile, type Plugin } from "esbuild";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { Endpoints } from "../../shared/endpoints.ts";
import { type Outputs, type ViewSize, viewSizes } from "./view-size.ts";

const source = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "worker", "ui");

/** Where the bundle is looked for: `[assets]` of `wrangler.toml`. */
export const uiBuildDir = join(source, "dist");

type File = { readonly name: string; readonly contents: Uint8Array };

/**
 * Bundles the page into a folder: `index.html`, and `assets/` with a script, a style sheet and an icon whose names hold a
 * hash of what they contain. Several may build at once, beside a server of the folder: a file appears whole, and one that
 * is there already is not written again.
 */
export async function bundleUi(dir = uiBuildDir): Promise<void> {
  const { files } = await bundleFiles();
  await mkdir(join(dir, "assets"), { recursive: true });
  for (const { name, contents } of files) {
    const path = join(dir, name);
    const present = await readFile(path).catch(() => null);
    if (present?.equals(contents)) continue;
    const half = join(dir, `.${basename(name)}.${process.pid}`);
    await writeFile(half, contents);
    await rename(half, path);
  }
  const names = new Set(files.map(({ name }) => name));
  for (const name of await readdir(join(dir, "assets"))) {
    if (!names.has(`assets/${name}`)) await rm(join(dir, "assets", name), { force: true });
  }
}

/** What a browser loads for each part of the page, compressed. */
export async function measureUi(): Promise<readonly ViewSize[]> {
  const { files, outputs } = await bundleFiles();
  const sizes = new Map(files.map(({ name, contents }) => [basename(name), gzipSync(contents).byteLength]));
  const entry = Object.keys(outputs).find((name) => name.startsWith("app-")) ?? "";
  return viewSizes(outputs, entry, (name) => sizes.get(name) ?? 0);
}

async function bundleFiles(): Promise<{ readonly files: readonly File[]; readonly outputs: Outputs }> {
  const { outputFiles, metafile } = await build({
    entryPoints: {
      app: join(source, "main.tsx"),
      style: join(source, "styles", "main.css"),
      icon: join(source, "icon.svg"),
    },
    outdir: join(source, "dist", "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "part-[hash]",
    // The board and an execution's page are parts of their own: each is loaded when it is opened.
    splitting: true,
    metafile: true,
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    // With what `docs/board.md` says. `popover` needs them, and so does `URL.canParse`.
    target: ["chrome120", "firefox125", "safari17"],
    jsx: "transform",
    jsxFactory: "h",
    jsxFragment: "Fragment",
    inject: [join(source, "jsx.ts")],
    tsconfigRaw: {}, // names a runtime, for the types
    plugins: [addressesOnly],
    loader: { ".svg": "copy" },
    legalComments: "none",
    logLevel: "warning",
  });
  const assets = outputFiles.map(({ path, contents }) => ({ name: `assets/${basename(path)}`, contents }));
  const page = await readFile(join(source, "index.html"), "utf8");
  const named = page.replaceAll(/\{(app\.js|style\.css|icon\.svg)\}/g, (_all, wanted: string) => {
    const [stem, extension] = wanted.split(".");
    const found = assets.find(({ name }) => new RegExp(`/${stem}-\\w+\\.${extension}$`).test(name));
    if (found === undefined) throw new Error(`the bundle has no ${wanted}`);
    return `/${found.name}`;
  });
  const outputs = outputsByName(metafile);
  // What the script needs in any case is asked for beside it, not after it.
  const html = named.replace("{parts}", () =>
    partsOfApp(outputs)
      .map((name) => `<link rel="modulepreload" href="/assets/${name}" />`)
      .join(""),
  );
  const shell = { name: "index.html", contents: new TextEncoder().encode(html) };
  return { files: [...assets, shell], outputs };
}

/**
 * Of the endpoint table the page's client reads where calls of the native API go: it speaks no other, and who may call and
 * what for is the Worker's.
 */
const addressesOnly: Plugin = {
  name: "addresses-only",
  setup: (bundling) => {
    bundling.onLoad({ filter: /\/shared\/endpoints\.ts$/ }, () => {
      const called = Endpoints.filter(({ door, scope }) => door === "native" && scope !== "open");
      const rows = called.map(({ id, method, path }) => ({ id, method, path }));
      return { contents: `export const Endpoints = ${JSON.stringify(rows)};`, loader: "js" };
    });
  },
};

function outputsByName({ outputs }: Metafile): Outputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([path, { imports, entryPoint }]) => [
      basename(path),
      {
        imports: imports.map((each) => ({ path: basename(each.path), kind: each.kind })),
        ...(entryPoint !== undefined && { entryPoint: basename(entryPoint) }),
      },
    ]),
  );
}

function partsOfApp(outputs: Outputs): readonly string[] {
  return Object.entries(outputs)
    .filter(([name]) => /^app-\w+\.js$/.test(name))
    .flatMap(([, { imports }]) => imports)
    .filter(({ kind }) => kind === "import-statement")
    .map(({ path }) => path);
}
