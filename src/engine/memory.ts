// Where vectors live between runs: in arrays of this process, or in the device's own memory, which nothing leaves unasked.
import { Graph } from '../graph/graph.ts';
import { onnxModel } from '../graph/onnxModel.ts';
import { symbolic } from '../graph/shape.ts';
import type { Device } from './devices.ts';
import { LinearMemory } from './linearMemory.ts';
import { DeviceTensor, Session, type Tensor } from './onnxruntime.ts';

/** Vectors of float32. */
export interface Memory {
  /** The numbers where they are read fastest: a copy, unless the array they are in is such a place. */
  put(data: Float32Array): Promise<Tensor>;
  /** Numbers of its own, of which there are `size`: `write` puts them where they are. */
  fill(size: number, write: (into: Float32Array) => void): Promise<Tensor>;
  /** Room for a result of `size` numbers. */
  place(size: number): Tensor;
  /** The numbers: in this process's memory where they lie, from a device's a copy. */
  read(tensor: Tensor): Promise<Float32Array>;
  /** Gives back the device's memory, where the tensor has any; it may be filled again. */
  free(...tensors: readonly Tensor[]): void;
  release(): Promise<void>;
}

/** The memory that suits a device. `sizes`: of the vectors that will be worked on together, where they are known. */
export async function memoryOf({ memory, provider }: Device, sizes: readonly number[] = []): Promise<Memory> {
  return memory === 'host' ? new HostMemory(LinearMemory.forVectors(sizes)) : DeviceMemory.create(provider);
}

/** Arrays of this process: in one linear memory as far as it has room, for kernels to work on them where they lie. */
class HostMemory implements Memory {
  constructor(private readonly linear: LinearMemory | undefined) {}

  async put(data: Float32Array): Promise<Tensor> {
    const place = this.linear?.vector(data.length);
    place?.set(data);
    return { data: place ?? data, shape: [data.length] };
  }

  async fill(size: number, write: (into: Float32Array) => void): Promise<Tensor> {
    const data = this.room(size);
    write(data);
    return { data, shape: [size] };
  }

  place(size: number): Tensor {
    return { data: this.room(size), shape: [size] };
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    if (tensor instanceof DeviceTensor || !(tensor.data instanceof Float32Array)) throw new Error('No vector.');
    return tensor.data;
  }

  free(): void {}

  async release(): Promise<void> {}

  private room(size: number): Float32Array {
    return this.linear?.vector(size) ?? new Float32Array(size);
  }
}

/** The Node binding has no way to copy to and from a device but a model's inputs and outputs: one that changes nothing. */
class DeviceMemory implements Memory {
  private constructor(
    private readonly up: Session,
    private readonly down: Session,
  ) {}

  static async create(provider: string): Promise<DeviceMemory> {
    const graph = new Graph('copy');
    const x = graph.input('x', 'float32', [symbolic('size')]);
    graph.output('y', graph.add('Identity', [x], {}, [{ shape: x.shape }])[0]!);
    const model = onnxModel(graph);
    return new DeviceMemory(
      await Session.create(model, { provider, keep: ['y'] }),
      await Session.create(model, { provider }),
    );
  }

  async put(data: Float32Array): Promise<Tensor> {
    const place = new DeviceTensor();
    await this.up.run({ x: { data, shape: [data.length] } }, { y: place });
    return place;
  }

  fill(size: number, write: (into: Float32Array) => void): Promise<Tensor> {
    const data = new Float32Array(size);
    write(data);
    return this.put(data);
  }

  place(): Tensor {
    return new DeviceTensor();
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    const { y } = await this.down.run({ x: tensor });
    return (y!.data as Float32Array).slice();
  }

  free(...tensors: readonly Tensor[]): void {
    for (const tensor of tensors) if (tensor instanceof DeviceTensor) tensor.dispose();
  }

  async release(): Promise<void> {
    await this.up.release();
    await this.down.release();
  }
}
