// Where vectors live between runs: in arrays of this process, or in the device's own memory, which nothing leaves unasked.
import { Graph } from '../graph/graph.ts';
import { onnxModel } from '../graph/onnxModel.ts';
import { symbolic } from '../graph/shape.ts';
import type { Device } from './devices.ts';
import { DeviceTensor, Session, type Tensor } from './onnxruntime.ts';

/** Vectors of float32. */
export interface Memory {
  /** The numbers where the device's sessions read them fastest. In this process they are not copied. */
  put(data: Float32Array): Promise<Tensor>;
  /** Room for a result of `size` numbers. */
  place(size: number): Tensor;
  /** A copy of the numbers. */
  read(tensor: Tensor): Promise<Float32Array>;
  /** Gives back the device's memory, where the tensor has any; it may be filled again. */
  free(...tensors: readonly Tensor[]): void;
  release(): Promise<void>;
}

/** The memory that suits a device. */
export async function memoryOf({ memory, provider }: Device): Promise<Memory> {
  return memory === 'host' ? hostMemory : DeviceMemory.create(provider);
}

const hostMemory: Memory = {
  put: async (data) => ({ data, shape: [data.length] }),
  place: (size) => ({ data: new Float32Array(size), shape: [size] }),
  read: async (tensor) => {
    if (tensor instanceof DeviceTensor || !(tensor.data instanceof Float32Array)) throw new Error('No vector.');
    return tensor.data.slice();
  },
  free: () => undefined,
  release: async () => undefined,
};

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
