let waiting: string | undefined;

/** A proof on its way from the page that shows it to the page that checks it: in memory, and once. */
export const handed = {
  put(text: string): void {
    waiting = text;
  },
  take(): string | undefined {
    const text = waiting;
    waiting = undefined;
    return text;
  },
};
