// Imported before onnxruntime. From 1.30 on its packages for Linux and macOS tell their maker of every session, model and error, and
// keep an identifier of the machine in the cache folder, unless this is set before the library is loaded (microsoft/onnxruntime,
// pull request 27379). What is trained here is nobody else's business.
process.env.ORT_DISABLE_TELEMETRY = '1';
