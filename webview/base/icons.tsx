// The few signs that buttons carry, 16 × 16, in the text's colour.

const paths = {
  play: 'M4 2.5v11l9.5-5.5z',
  pause: 'M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z',
  back: 'M3 2.5h2v11H3zM13 2.5v11L5.5 8z',
  forward: 'M11 2.5h2v11h-2zM3 2.5v11L10.5 8z',
  sound:
    'M2 5.5h2.5L8 2.5v11l-3.5-3H2zM10 5.2a4 4 0 0 1 0 5.6l-.8-.8a2.8 2.8 0 0 0 0-4zM12 3.2a6.8 6.8 0 0 1 0 9.6l-.8-.8a5.6 5.6 0 0 0 0-8z',
  silent:
    'M2 5.5h2.5L8 2.5v11l-3.5-3H2zM10 6l.7-.7 1.8 1.8 1.8-1.8.7.7L13.200 7.800 15 9.600l-.7.7-1.800-1.800-1.800 1.800-.7-.7 1.800-1.800z',
} as const;

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
