import { solve, type Sum } from './sum';

self.onmessage = ({ data }: MessageEvent<Sum>) => self.postMessage(solve(data));
