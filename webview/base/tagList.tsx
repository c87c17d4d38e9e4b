// Tags of a sample as small labels, wherever a sample is shown. They are text of people: nothing in them is more than text.
import { shown } from '../../src/base/shownText.ts';

interface TagListProps {
  tags: readonly string[];
  /** So many are shown, and of the others how many they are; absent: all. */
  most?: number;
}

export function TagList({ tags, most = tags.length }: TagListProps) {
  const more = tags.length - most;
  return (
    <span class="tags" title={shown(tags.join(', '))} data-testid="tags">
      <span class="sr-only">tags:</span>
      {tags.slice(0, most).map((tag) => (
        <bdi key={tag} class="tag clip-text">
          {shown(tag)}
        </bdi>
      ))}
      {more > 0 && <span class="tag">+{more}</span>}
    </span>
  );
}
