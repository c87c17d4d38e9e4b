import type { Frame, Page } from 'playwright-core';

export function violationsOf(frame: Frame | Page): Promise<string[]>;
