# Decodes clips with PyAV, for the benchmark to compare with: frames spread evenly over each, 8-bit RGB, in one thread.
# Reads a JSON line {"way": "sequential" | "seeking", "files": [...], "count": n, "side": s} and answers with one; {} ends it.
import json
import sys
import time

import av


def size_of(stream, side):
    width, height = stream.codec_context.width, stream.codec_context.height
    scale = side / min(width, height)
    return {"width": round(width * scale), "height": round(height * scale), "format": "rgb24"}


def one_thread(container):
    stream = container.streams.video[0]
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    return stream


def sequential(file, count, side):
    """Every frame is decoded, and the wanted ones are kept."""
    with av.open(file) as container:
        stream = one_thread(container)
        wanted = {int((i + 0.5) / count * stream.frames) for i in range(count)}
        last = max(wanted)
        frames = []
        for n, frame in enumerate(container.decode(stream)):
            if n in wanted:
                frames.append(frame.reformat(**size_of(stream, side)).to_ndarray())
            if n == last:
                break
        return frames


def seeking(file, count, side):
    """For each wanted frame to the key frame before it, and on from there."""
    with av.open(file) as container:
        stream = one_thread(container)
        frames = []
        for i in range(count):
            time_wanted = int((i + 0.5) / count * stream.duration) + (stream.start_time or 0)
            container.seek(time_wanted, stream=stream, backward=True, any_frame=False)
            shown = None
            for frame in container.decode(stream):
                if frame.pts > time_wanted:
                    break
                shown = frame
            frames.append(shown.reformat(**size_of(stream, side)).to_ndarray())
        return frames


def main():
    print(json.dumps({"av": av.__version__, "libavcodec": ".".join(map(str, av.library_versions["libavcodec"]))}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if not request:
            return
        decode = sequential if request["way"] == "sequential" else seeking
        used = time.process_time()
        total = sum(len(decode(file, request["count"], request["side"])) for file in request["files"])
        print(json.dumps({"cpuMs": (time.process_time() - used) * 1000, "frames": total}), flush=True)


main()
