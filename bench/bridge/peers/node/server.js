// A peer: the bridge as the usual Node.js example has it, `ws` on both sides, each frame sent on as it comes.
//
//     node server.js PORT DEEPGRAM_URL
//
// It checks no signature or ticket, keeps no sound for a reconnect and writes no words.
import http from "node:http";
import WebSocket, { WebSocketServer } from "ws";

const [port, deepgramUrl] = process.argv.slice(2);
const query =
  "model=nova-3&language=en-US&encoding=mulaw&sample_rate=8000&channels=1" +
  "&interim_results=true&smart_format=true&punctuate=true&endpointing=300";

const server = http.createServer((_, answer) => answer.end("ok"));
const twilio = new WebSocketServer({ server, path: "/media", perMessageDeflate: false });

twilio.on("connection", (stream) => {
  const finals = [];
  const waiting = [];
  const deepgram = new WebSocket(`${deepgramUrl}/v1/listen?${query}`, {
    headers: { Authorization: "Token key" },
    perMessageDeflate: false,
  });
  const send = (data) => (deepgram.readyState === WebSocket.OPEN ? deepgram.send(data) : waiting.push(data));
  deepgram.on("open", () => waiting.splice(0).forEach((data) => deepgram.send(data)));
  deepgram.on("message", (text) => {
    const message = JSON.parse(text);
    if (message.type === "Results" && message.is_final) finals.push(message.channel.alternatives[0].transcript);
  });
  deepgram.on("close", () => stream.close());
  deepgram.on("error", () => stream.close());
  stream.on("message", (text) => {
    const message = JSON.parse(text);
    if (message.event === "media") send(Buffer.from(message.media.payload, "base64"));
    else if (message.event === "stop") send('{"type":"CloseStream"}');
  });
  stream.on("close", () => deepgram.close());
  stream.on("error", () => {});
});

server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
