// The controls of @vscode/webview-ui-toolkit as Preact components: only those used are registered.
// Its custom elements style themselves by constructed style sheets, which the page's policy allows.
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeProgressRing,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import { type ComponentChildren, h } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodePanels(),
  vsCodePanelTab(),
  vsCodePanelView(),
  vsCodeProgressRing(),
  vsCodeTextField(),
);

interface ButtonProps {
  onClick: () => void;
  appearance?: 'primary' | 'secondary' | 'icon';
  disabled?: boolean;
  /** Needed where the content is only a sign. */
  label?: string;
  /** Of a switch: whether it is on. */
  pressed?: boolean;
  testId?: string;
  children: ComponentChildren;
}

export function Button(button: ButtonProps) {
  const { onClick, appearance = 'secondary', disabled = false, label, pressed, testId, children } = button;
  const names = { 'aria-label': label, title: label, 'aria-pressed': pressed, 'data-testid': testId };
  const props = { appearance, disabled, onClick, ...names };
  return h('vscode-button', props, children);
}

interface DropdownProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; text: string }[];
  onChange: (value: T) => void;
  /** The label is for screen readers only: the options say what it is. */
  quiet?: boolean;
  testId?: string;
}

/** A labelled choice of one of a few. */
export function Dropdown<T extends string>({
  label,
  value,
  options,
  onChange,
  quiet = false,
  testId,
}: DropdownProps<T>) {
  const ref = useRef<HTMLElement & { value: string }>(null);
  // The element only takes a value once its options are there, which is after this component rendered.
  useEffect(() => {
    if (ref.current && ref.current.value !== value) ref.current.value = value;
  }, [value]);
  const changed = () => {
    const chosen = options.find((option) => option.value === ref.current?.value);
    if (chosen && chosen.value !== value) onChange(chosen.value);
  };
  const props = { ref, onChange: changed, 'aria-label': label, 'data-testid': testId };
  const children = options.map((option) =>
    h('vscode-option', { key: option.value, value: option.value, selected: option.value === value }, option.text),
  );
  return (
    <span class="labelled">
      {!quiet && (
        <span class="dim" aria-hidden="true">
          {label}
        </span>
      )}
      {h('vscode-dropdown', props, children)}
    </span>
  );
}

interface TabsProps {
  label: string;
  tabs: readonly string[];
  active: string;
  onChange: (tab: string) => void;
  children: ComponentChildren;
}

/** Tabs over one content: the content belongs to the active tab. */
export function Tabs({ label, tabs, active, onChange, children }: TabsProps) {
  const index = Math.max(0, tabs.indexOf(active));
  const changed = (event: Event) => {
    const id = (event.currentTarget as HTMLElement & { activeid: string }).activeid;
    const tab = tabs[Number(id.replace('tab-', ''))];
    if (tab !== undefined && tab !== active) onChange(tab);
  };
  return h(
    'vscode-panels',
    { activeid: `tab-${index}`, onChange: changed, 'aria-label': label },
    tabs.map((tab, i) =>
      h(
        'vscode-panel-tab',
        { key: `tab-${tab}`, id: `tab-${i}`, title: tab, 'data-testid': `tab-${tab}` },
        h('span', { class: 'clip-text' }, tab),
      ),
    ),
    tabs.map((tab, i) =>
      h('vscode-panel-view', { key: `view-${tab}`, id: `view-${i}` }, i === index ? children : null),
    ),
  );
}

export function ProgressRing({ label }: { label: string }) {
  return h('vscode-progress-ring', { 'aria-label': label });
}

interface TextFieldProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  testId?: string;
}

export function TextField({ label, value, onInput, testId }: TextFieldProps) {
  const props = {
    value,
    placeholder: label,
    'aria-label': label,
    'data-testid': testId,
    onInput: (event: Event) => onInput((event.currentTarget as HTMLElement & { value: string }).value),
  };
  return h('vscode-text-field', props);
}
