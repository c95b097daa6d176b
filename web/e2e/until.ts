// Asks again until there is an answer.
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  limitMs = 30_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false)
      return answer as NonNullable<Exclude<T, false>>;
    if (Date.now() > end) throw new Error(`Waited in vain for this: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
