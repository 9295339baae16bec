/**
 * What is planted. Of no known shape, so that only who knows them finds them; with characters that each encoding writes
 * in a way of its own; alike in no part.
 */
export const planted = {
  git: String.raw`gT7"k&Lw/9+z\Qe>>>?~mB4xVd2`,
  model: String.raw`Zr5&h"Np\W/8+c?~>>>jY3uKs6o`,
  environment: String.raw`Xa1/"f&U \0+ i>>>?~ P7tRq9 eC`,
  database: String.raw`bH6\v+"D&J/3>>>?~nG8yMw0l`,
  clone: String.raw`Oi2+S"/E\5&?~>>>rF9kTz4p`,
  claude: String.raw`uQ8&"Vj/m\+1C>>>?~dL6gXb3h`,
  codexAccess: String.raw`yK3"/N&a\w+7>>>?~sP5eZt1Ri`,
  codexRefresh: String.raw`Wf9\+x"B&/o4?~>>>qU2vGc8Hm`,
  beatKey: "lJ5r-Dy0k-Ms7n-Ae4t-Iu1b-Ow6p",
} as const;

/** As Codex keeps a login. */
export const codexLogin = JSON.stringify({
  OPENAI_API_KEY: null,
  tokens: { access_token: planted.codexAccess, refresh_token: planted.codexRefresh },
});

/** Stands beside the secrets of a place and is none: where it can be read again, they could have been. */
export function decoyOf(place: string): string {
  return `${place}${String.raw`-Ev0"c&4/T+\y>>>?~lH9jSa`}`;
}
