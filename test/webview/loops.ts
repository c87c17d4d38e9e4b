// Watches a film in the page go through its loop.

/** Runs in the page: the times that a playing video stood at until it went back three times, seconds of the file. */
export function loopTimes(element: Element): Promise<number[]> {
  const video = element as HTMLVideoElement;
  const times: number[] = [];
  let back = 0;
  return new Promise((done) => {
    const note = () => {
      const time = video.currentTime;
      if (time < (times.at(-1) ?? 0)) back++;
      times.push(time);
      if (back === 3) done(times);
      else requestAnimationFrame(note);
    };
    note();
  });
}
