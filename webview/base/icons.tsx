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
  loop: 'M11.500 2.200 14.300 5l-2.800 2.800-.7-.7L12.400 5.500H5A2.500 2.500 0 0 0 2.500 8v.5h-1V8A3.500 3.500 0 0 1 5 4.500h7.400l-1.600-1.600zM4.500 13.800 1.700 11l2.800-2.800.7.7-1.600 1.600H11A2.500 2.500 0 0 0 13.500 8v-.5h1V8A3.500 3.500 0 0 1 11 11.500H3.600l1.600 1.600z',
  previous: 'M10.300 2.300 4.600 8l5.700 5.700.7-.7L6 8l5-5z',
  next: 'M5.700 2.300 11.400 8l-5.700 5.700-.7-.7L10 8 5 3z',
  heat: 'M8 1.500a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13zm0 1v11a5.500 5.500 0 0 1 0-11z',
} as const;

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
