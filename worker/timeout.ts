/** Fails a call of the platform that takes longer; the call itself cannot be taken back. */
export async function withTimeout<T>(call: Promise<T>, name: string, timeoutMs: number): Promise<T> {
  let timer: number | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DOMException(`${name} did not end within ${timeoutMs} ms`, "TimeoutError")),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
