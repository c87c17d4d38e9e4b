// Where in cover.json, or its like, something stands: from a path of keys to a line, a column and a length.
import { basename } from 'node:path';
import { findNodeAtLocation, type JSONPath, type Node } from 'jsonc-parser';
import type { Problem } from '../protocol/events.ts';

/** A place in a text: 1-based line and column, and a length in UTF-16 units that stays on the line. */
export interface Place {
  line: number;
  column: number;
  length: number;
}

/** Makes problems of one JSON text. */
export class JsonPlaces {
  private readonly lineStarts: number[] = [0];

  constructor(
    private readonly file: string,
    private readonly text: string,
    private readonly root: Node | undefined,
  ) {
    for (let i = 0; i < text.length; i++) if (text[i] === '\n') this.lineStarts.push(i + 1);
  }

  /** The file's name, for sentences. */
  get name(): string {
    return basename(this.file);
  }

  /** The node at `path`, or undefined where the text has none. */
  find(path: JSONPath): Node | undefined {
    return this.root && findNodeAtLocation(this.root, path);
  }

  /** A problem at the value of `path`, or at the nearest enclosing thing that exists. */
  atValue(severity: Problem['severity'], path: JSONPath, message: string): Problem {
    for (let length = path.length; length >= 0; length--) {
      const node = this.find(path.slice(0, length));
      if (!node) continue;
      // What is missing inside something is marked at that thing's key, not over all its lines.
      const shown = length < path.length && node.parent?.type === 'property' ? node.parent.children![0]! : node;
      return this.at(severity, shown.offset, shown.length, message);
    }
    return this.at(severity, 0, 1, message);
  }

  /** A problem at the last key of `path`. */
  atKey(severity: Problem['severity'], path: JSONPath, message: string): Problem {
    const key = this.find(path)?.parent?.children?.[0];
    return key ? this.at(severity, key.offset, key.length, message) : this.atValue(severity, path, message);
  }

  /** A problem at an offset of the text. */
  at(severity: Problem['severity'], offset: number, length: number, message: string): Problem {
    return { severity, file: this.file, ...this.placeOf(offset, length), message };
  }

  private placeOf(offset: number, length: number): Place {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    const start = this.lineStarts[low]!;
    const lineEnd = this.text.slice(offset).search(/\r?\n|$/);
    return { line: low + 1, column: offset - start + 1, length: Math.max(1, Math.min(length, lineEnd)) };
  }
}
