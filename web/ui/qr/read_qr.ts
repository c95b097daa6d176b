// Reads QR codes from pictures. The reader is loaded when somebody scans.

// Larger pictures are made smaller first: a code on a screen or in a hand is still large enough.
const kLongestSide = 1280;

// What the code in a picture or a frame says; null where there is none to be read.
export async function readQr(source: ImageBitmap | HTMLVideoElement): Promise<string | null> {
  const [wide, high] =
    source instanceof HTMLVideoElement
      ? [source.videoWidth, source.videoHeight]
      : [source.width, source.height];
  if (wide === 0 || high === 0) return null;
  const scale = Math.min(1, kLongestSide / Math.max(wide, high));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(wide * scale));
  canvas.height = Math.max(1, Math.round(high * scale));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return null;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { default: decodeQR } = await import('qr/decode.js');
  try {
    return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    return null; // it says so where there is no code
  }
}

export async function readPicture(file: Blob): Promise<string | null> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  try {
    return await readQr(picture);
  } finally {
    picture.close();
  }
}
