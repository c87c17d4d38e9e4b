// Asks for a tag: one of those in use, or a new one, which is typed in the same place. What is no tag says so while it is typed.
import { type QuickPickItem, window } from 'vscode';
import { plural } from '../base/format.ts';
import { asLabel } from '../base/shownText.ts';
import { asTag, wrongTag } from '../base/tags.ts';

export interface TagCount {
  tag: string;
  samples: number;
}

/** `tag` absent: it cannot be chosen. */
type Item = QuickPickItem & { tag?: string };

/** Undefined where none was chosen. */
export function pickTag(title: string, inUse: readonly TagCount[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const pick = window.createQuickPick<Item>();
    pick.title = title;
    pick.placeholder =
      inUse.length > 0 ? 'A tag in use, or type a new one' : 'Type a tag: a word or a few to find samples by';
    const offer = () => {
      pick.items = [...inUse.map((each) => tagItem(each)), ...newTag(pick.value, inUse)];
    };
    offer();
    pick.onDidChangeValue(offer);
    pick.onDidAccept(() => {
      // Whoever types fast presses Enter before what was typed is among the rows.
      const { tag } = pick.selectedItems[0] ?? newTag(pick.value, inUse)[0] ?? {};
      if (tag === undefined) return;
      resolve(tag);
      pick.dispose();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}

/** One of the tags that samples have. */
export async function pickTagOf(
  title: string,
  tags: readonly TagCount[],
  ofSeveral: boolean,
): Promise<string | undefined> {
  const items = tags.map((each) => tagItem(each, ofSeveral));
  const picked = await window.showQuickPick(items, { title, placeHolder: 'Tag to remove' });
  return picked?.tag;
}

/** The row for what was typed, where it is not in use. */
function newTag(typed: string, inUse: readonly TagCount[]): Item[] {
  const tag = asTag(typed);
  if (tag === '' || inUse.some((known) => known.tag === tag)) return [];
  const wrong = wrongTag(tag);
  return wrong === undefined
    ? [{ label: `$(add) ${asLabel(tag)}`, description: 'new tag', alwaysShow: true, tag }]
    : [{ label: `$(warning) ${asLabel(wrong)}`, alwaysShow: true }];
}

function tagItem({ tag, samples }: TagCount, counted = true): Item {
  return { label: asLabel(tag), ...(counted && { description: `on ${plural(samples, 'sample')}` }), tag };
}
