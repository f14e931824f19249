// the platform's own SHA-256 exists on secure origins only, and answers by promise: a hundred thousand of them take long
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** What a token of the form asks for: see `GET /form-token`. */
export interface Sum {
  token: string;
  challenge: string;
  most: number;
}

/** The number below `most` whose hash with the token is the challenge; `null` if there is none. */
export function solve({ token, challenge, most }: Sum): number | null {
  for (let answer = 0; answer < most; answer += 1) {
    if (bytesToHex(sha256(utf8ToBytes(`${token}:${answer}`))) === challenge) return answer;
  }
  return null;
}
