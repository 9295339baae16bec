import { existsSync } from "node:fs";
import { delimiter, dirname, join, posix } from "node:path";
import type { Image } from "./docker-command.ts";

/** The folders of one container on this machine; all of them lie under `root`. */
export type Folders = { readonly root: string; readonly home: string; readonly tmp: string };

/**
 * Variables that describe the image and not the program: the machine has its own PATH and users, and each
 * container its own HOME and TMPDIR. HARNESS_AGENT_USER names a user that exists in the image only.
 */
export const IMAGE_ONLY = ["PATH", "HOME", "TMPDIR", "USER", "SHELL", "PORT", "HARNESS_AGENT_USER"] as const;

export type EnvironmentOptions = {
  readonly image: Image;
  readonly folders: Folders;
  /** The port on this machine that stands for the image's port. */
  readonly port: number;
  readonly proxyUrl: string;
  readonly engineEnv: Readonly<Record<string, string>>;
  readonly startEnv: Readonly<Record<string, string>>;
};

/** Later wins: machine, Dockerfile, engine, start options; then what the stand-in itself decides. */
export function makeEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { image, folders, port, proxyUrl, engineEnv, startEnv } = options;
  return {
    PATH: [dirname(process.execPath), process.env["PATH"] ?? "/usr/bin:/bin"].join(delimiter),
    LANG: "C.UTF-8",
    ...fromImage(image, folders),
    ...engineEnv,
    ...startEnv,
    HOME: folders.home,
    TMPDIR: folders.tmp,
    PORT: String(port),
    ...throughProxy(proxyUrl),
  };
}

/**
 * A path of the image on this machine: the build context stands for WORKDIR, the rest is unchanged.
 * An image without WORKDIR has none of its own files in sight but relative ones: `/bin/sh` is the machine's.
 */
export function toMachinePath(path: string, image: Image): string {
  if (image.workdir === "/") return path;
  if (path === image.workdir) return image.context;
  const prefix = `${image.workdir}/`;
  return path.startsWith(prefix) ? join(image.context, path.slice(prefix.length)) : path;
}

function fromImage(image: Image, folders: Folders): Record<string, string> {
  const imageOnly: readonly string[] = IMAGE_ONLY;
  const kept = Object.entries(image.env).filter(([name]) => !imageOnly.includes(name));
  return Object.fromEntries(
    kept.flatMap(([name, value]) => {
      const moved = relocate(value, image, folders);
      return moved === undefined ? [] : [[name, moved]];
    }),
  );
}

/** System folders are the machine's: what the image would have there is left out when this machine has it not. */
const SYSTEM = /^\/(?:bin|sbin|usr|etc|lib|lib64|opt|dev|proc|sys|run)(?:\/|$)/u;

/** Folders that only the image has (`/workspace`) become folders of this container. */
function relocate(value: string, image: Image, folders: Folders): string | undefined {
  if (!/^\/[^:\s]+$/u.test(value)) return value;
  const path = toMachinePath(posix.normalize(value), image);
  if (path !== posix.normalize(value)) return path;
  if (SYSTEM.test(path)) return existsSync(path) ? path : undefined;
  return join(folders.root, path);
}

/** Node needs the last one to honour the others (24 and later); curl and git read the lower-case names. */
function throughProxy(url: string): Record<string, string> {
  const direct = "127.0.0.1,localhost,::1";
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    NO_PROXY: direct,
    http_proxy: url,
    https_proxy: url,
    no_proxy: direct,
    NODE_USE_ENV_PROXY: "1",
  };
}
