// Which file names are clips and which are pictures, by their extension: enough to offer a command for them. What can
// really be read is for the decoder to say.

const video = ['mp4', 'm4v', 'mov', 'avi', 'mkv', 'webm', 'mpg', 'mpeg', 'wmv', 'flv', '3gp', 'ogv', 'gif'];
const image = ['jpg', 'jpeg', 'png', 'webp', 'bmp', 'tif', 'tiff', 'avif'];

export function fileKind(file: string): 'video' | 'image' | undefined {
  const extension = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  if (video.includes(extension)) return 'video';
  return image.includes(extension) ? 'image' : undefined;
}

/** For an open dialog. */
export const mediaFilter = { 'Videos and images': [...video, ...image] };
