/** Calls again what the end of an incarnation cut short, as a client does. */
export async function steadily<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}
