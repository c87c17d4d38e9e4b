// Whether a key that was pressed belongs to what is focused rather than to the page.

/** Sliders move by themselves, lists open and choose, a focused button takes the space bar and Enter; commands have modifiers. */
export function takesKeys(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.composedPath()[0];
  if (!(target instanceof Element)) return false;
  if (target.closest('input, select, textarea, vscode-dropdown, vscode-option, [role=menu], [role=slider]'))
    return true;
  return (event.key === ' ' || event.key === 'Enter') && target.closest('button, vscode-button, a') !== null;
}
