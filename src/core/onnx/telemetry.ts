/**
 * onnxruntime 1.30 on Linux notes its sessions under a device number in ~/.cache/Microsoft, to be sent to its maker. It looks at
 * this variable when its first session is made, as does every process that is started from here.
 */
process.env["ORT_DISABLE_TELEMETRY"] = "1";
