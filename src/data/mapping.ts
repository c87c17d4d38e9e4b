// The optional mapping file of a dataset: renames, merges or drops classes. JSON `{"old": "new", "unwanted": null}`, or CSV
// with the columns from and to, an empty "to" dropping the class.
import type { Problem } from '../protocol/events.ts';
import { parseEntry, readJsonEntries } from './annotations.ts';
import { count, type Entry, type FoundSample, failure, quoted, readingFailed, warning } from './entries.ts';
import { readCsv } from './lines.ts';

/** New names by old ones; null drops the class. */
export type ClassMapping = ReadonlyMap<string, string | null>;

/** Reads the mapping; what cannot be used is a problem and maps nothing. */
export async function* readMapping(file: string, signal?: AbortSignal): AsyncGenerator<Entry, ClassMapping> {
  const mapping = new Map<string, string | null>();
  try {
    if (/\.json$/i.test(file)) {
      for (const entry of await readJsonEntries(file)) {
        const value = parseEntry(entry);
        if (entry.wrong !== undefined) yield failure(file, entry.wrong, entry.line);
        else if (value === null || (typeof value === 'string' && value.trim() !== ''))
          mapping.set(clean(entry.key), value === null ? null : clean(value));
        else
          yield failure(
            file,
            `${quoted(entry.key)} should be given a new name in quotes, or null to drop it.`,
            entry.line,
          );
      }
    } else {
      let isHeader = true;
      for await (const { line, fields, error } of readCsv(file, ',', signal)) {
        const [from = '', to = ''] = fields;
        if (/[\p{Cc}\uFFFD]/u.test(from + to) || to.length > 500) {
          yield failure(
            file,
            `${quoted(from)} to ${quoted(to)}: these are no names of classes. Save it as UTF-8.`,
            line,
          );
          continue;
        }
        if (isHeader && /^from$/i.test(from)) {
          isHeader = false;
          continue;
        }
        isHeader = false;
        if (error !== undefined || fields.length > 2 || from.trim() === '')
          yield failure(file, 'This line should be from,to; put a name with a comma in double quotes.', line);
        else mapping.set(clean(from), to.trim() === '' ? null : clean(to));
      }
    }
  } catch (error) {
    yield failure(file, `${file} could not be read: ${readingFailed(error)}. Mend it, or "mapping" in cover.json.`);
  }
  return mapping;
}

/** The classes' new names, and which of the mapping stand for nothing. */
export class Renaming {
  private readonly unused: Set<string>;

  constructor(
    private readonly file: string,
    private readonly mapping: ClassMapping,
  ) {
    this.unused = new Set(mapping.keys());
  }

  /** null drops the class. */
  readonly rename = (label: string): string | null => {
    const to = this.mapping.get(label);
    if (to !== undefined) this.unused.delete(label);
    return to === undefined ? label : to;
  };

  /** Gives the samples their new labels in place, and returns those that are kept. */
  renamed(samples: readonly FoundSample[]): FoundSample[] {
    return samples.filter((sample) => {
      const to = this.rename(sample.label);
      if (to !== null) sample.label = to;
      return to !== null;
    });
  }

  /** Call it when all classes have been renamed. */
  problems(): Problem[] {
    const { file, unused } = this;
    if (unused.size === 0) return [];
    const some = [...unused].slice(0, 3).map(quoted);
    const classes = `${count(unused.size, 'class')} of this mapping`;
    const told = `${classes} ${unused.size === 1 ? 'stands' : 'stand'} for no sample: ${some.join(', ')}${unused.size > 3 ? ', …' : ''}. Check the names.`;
    return [warning(file, told).problem];
  }
}

function clean(label: string): string {
  return label.normalize('NFC').trim();
}
