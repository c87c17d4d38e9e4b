// Under which names annotation files keep the clip and its label, in columns of tables and keys of objects.

const clipNames = new Set(
  'path file filename file_name filepath file_path video video_path videopath clip clip_path image image_path img img_path media media_path src source'.split(
    ' ',
  ),
);
const idNames = new Set(
  'id youtube_id video_id vid_name vid clip_id image_id imageid original_vido_id original_video_id name'.split(' '),
);
const labelNames = 'label labels class class_name classname category action target'.split(' ');

export function isClipName(name: string): boolean {
  return clipNames.has(name.trim().toLowerCase());
}

export function isIdColumn(name: string): boolean {
  return idNames.has(name.trim().toLowerCase());
}

/** The likelier the smaller; undefined where the name is not one of a label. */
export function labelRank(name: string): number | undefined {
  const rank = labelNames.indexOf(name.trim().toLowerCase());
  return rank < 0 ? undefined : rank;
}
