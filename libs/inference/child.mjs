// Runs one ONNX model in a process of its own and ends. Plain JavaScript, so that it works beside src/ and dist/ alike.
// The parent has checked the model; this process has an empty working directory, no environment and a memory limit.
import { InferenceSession, Tensor } from 'onnxruntime-node';

const OPTIONS = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: false,
  enableMemPattern: false,
  logSeverityLevel: 4,
};

process.once('message', async ({ model, input, output }) => {
  let answer;
  try {
    const session = await InferenceSession.create(model, OPTIONS);
    const tensor = new Tensor(input.type, input.data, input.dims);
    const name = output ?? session.outputNames[0];
    const results = await session.run({ [input.name]: tensor }, [name]);
    const { type, data, dims } = results[name];
    answer = { ok: true, type, data, dims };
  } catch (error) {
    answer = { ok: false, message: String(error?.message ?? error) };
  }
  process.send(answer, () => process.disconnect());
});
process.send({ ready: true });
