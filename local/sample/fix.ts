/** The one honest bug of the sample project, and the edit that ends it. */
export interface Fix {
  readonly testCommand: string;
  /** The test that is red before the edit. */
  readonly failingTest: string;
  readonly file: string;
  readonly oldText: string;
  readonly newText: string;
  readonly commitMessage: string;
}

export const sampleFix: Fix = {
  testCommand: "node --test",
  failingTest: "an hour and a half is ninety minutes",
  file: "src/duration.js",
  oldText: "h: 360_000,",
  newText: "h: 3_600_000,",
  commitMessage: "duration: count sixty minutes to the hour",
};
