import { type FileHandle, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { demand, type Fault } from "../injection.ts";

/**
 * The file system of the container's temporary folder, where its jobs live, is filled to the last byte and stays so. The
 * container has it in a mount namespace of its own (small-disk/).
 */
export const fillDisk: Fault = async (stage, { container }) => {
  if (stage.phase === "starting") {
    // Its disk is not there yet; it is filled before the program starts.
    await writeFile(join(dirname(container.home), "full"), "");
    return { evidence: () => Promise.resolve("the disk was full when the harness started") };
  }
  const filler = `/proc/${container.pid}/root${container.env["TMPDIR"]}/filler`;
  const file = await open(filler, "w");
  const code = await fill(file);
  await file.close();
  demand(code === "ENOSPC", `filling the disk ended with ${code}`);
  return { evidence: () => Promise.resolve("the kernel answered ENOSPC") };
};

async function fill(file: FileHandle): Promise<string> {
  for (const bytes of [1_048_576, 4_096]) {
    const chunk = Buffer.alloc(bytes);
    for (;;) {
      const code = await file.write(chunk).then(
        ({ bytesWritten }) => (bytesWritten < bytes ? "ENOSPC" : null),
        (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : String(error)),
      );
      if (code === null) continue;
      if (code !== "ENOSPC") return code;
      break;
    }
  }
  return "ENOSPC";
}
