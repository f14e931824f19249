import { api, call } from '$api/client';

/** A photo that the server keeps until its proposal comes. The token names it there, once. */
export interface Photo {
  token: string;
  /** In bytes. */
  size: number;
  /** When it was sent, in milliseconds. */
  at: number;
}

export const MOST_PHOTOS = 3;
/** The server forgets a photo after a day; somebody who is about to send should not meet that. */
const KEPT_MS = 23 * 60 * 60 * 1000;
/** The longer side of what the server keeps: more would be sent for nothing. */
const LONGEST_SIDE = 2560;
/** Longer than the server waits for a photo. */
const TIMEOUT_MS = 90_000;

/** Those that the server still has. */
export const stillKept = (photos: readonly Photo[], now: number): Photo[] =>
  photos.filter((photo) => typeof photo?.token === 'string' && now - photo.at < KEPT_MS);

/** The measures of a picture that fits into a square of `longest`, in whole pixels; never larger than it is. */
export function fit(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Thrown for a file that the browser cannot show. */
export class NotAPicture extends Error {}

function drawn(picture: ImageBitmap, longest: number): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), fit(picture.width, picture.height, longest));
  const context = canvas.getContext('2d');
  if (!context) throw new NotAPicture();
  // what is clear is white, as on our pages
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** Shows a picture on a canvas of its size. */
export function drawOn(canvas: HTMLCanvasElement, picture: ImageBitmap | HTMLCanvasElement): void {
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d')?.drawImage(picture, 0, 0);
}

/** Small pictures of what was sent in this visit, by token. */
const small = new Map<string, HTMLCanvasElement>();
export const thumbnail = (token: string): HTMLCanvasElement | undefined => small.get(token);

/** Photos on their way, which whoever sends the proposal waits for. */
const underWay = new Set<Promise<unknown>>();
export const waitsForPhotos = (): boolean => underWay.size > 0;
export const photosSent = (): Promise<unknown> => Promise.allSettled(underWay);

/**
 * Draws a picture anew, upright and no larger than it need be, and sends it: few bytes on a slow network, and where it
 * was taken never leaves the device. The server does the same once more, for whoever comes without this page.
 */
export function sendPhoto(slug: string, file: Blob): Promise<Photo> {
  const sent = prepareAndSend(slug, file);
  underWay.add(sent);
  void sent.catch(() => undefined).finally(() => underWay.delete(sent));
  return sent;
}

async function prepareAndSend(slug: string, file: Blob): Promise<Photo> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new NotAPicture();
  });
  const canvas = drawn(picture, LONGEST_SIDE);
  const thumb = drawn(picture, 320);
  picture.close();
  const jpeg = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
  if (!jpeg) throw new NotAPicture();
  const { token, size } = await call(
    api.POST('/api/v1/consultations/{slug}/attachments', {
      params: { path: { slug } },
      // the description of the API says that bytes are a string
      body: jpeg as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
      headers: { 'Content-Type': 'image/jpeg' },
      fetch: (request) => fetch(new Request(request, { signal: AbortSignal.timeout(TIMEOUT_MS) })),
    }),
  );
  small.set(token, thumb);
  return { token, size, at: Date.now() };
}

/** One's own photo, which a code opens and no address does. */
export async function ownPhoto(code: string, number: number): Promise<ImageBitmap> {
  const bytes = await call(
    api.POST('/api/v1/receipts/attachment', { body: { code, number }, parseAs: 'blob' as const }),
  );
  return createImageBitmap(bytes as unknown as Blob);
}
