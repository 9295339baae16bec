import { build } from "esbuild";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

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
  const files = await bundleFiles();
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

async function bundleFiles(): Promise<readonly File[]> {
  const { outputFiles } = await build({
    entryPoints: {
      app: join(source, "main.tsx"),
      style: join(source, "styles", "main.css"),
      icon: join(source, "icon.svg"),
    },
    outdir: join(source, "dist", "assets"),
    entryNames: "[name]-[hash]",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "safari16.4"],
    jsx: "automatic",
    jsxImportSource: "preact",
    loader: { ".svg": "copy" },
    legalComments: "none",
    logLevel: "warning",
  });
  const assets = outputFiles.map(({ path, contents }) => ({ name: `assets/${basename(path)}`, contents }));
  const page = await readFile(join(source, "index.html"), "utf8");
  const html = page.replaceAll(/\{(app\.js|style\.css|icon\.svg)\}/g, (_all, wanted: string) => {
    const [stem, extension] = wanted.split(".");
    const found = assets.find(({ name }) => new RegExp(`/${stem}-\\w+\\.${extension}$`).test(name));
    if (found === undefined) throw new Error(`the bundle has no ${wanted}`);
    return `/${found.name}`;
  });
  return [...assets, { name: "index.html", contents: new TextEncoder().encode(html) }];
}
