// The part of chromium-engine.py that runs in the page. `options` and `post`, which hands an object to Python, are there.

// In seconds.
const CONNECT_TIMEOUT = 30; // from the exchange of descriptions until a connection is up
const DISCONNECT_TIMEOUT = 5; // Chromium says "disconnected" after 5 s without an answer, and "failed" only after 30
const LONGEST_PAUSE = 60; // before a failed connection is replaced; the first pause is 1, each later one is twice as long
const STABLE = 60; // a connection that was up for so long begins with the shortest pause again

// A description with more than this is an attack: each section and each candidate costs sockets and time.
const SECTIONS_LIMIT = 8;
const CANDIDATES_LIMIT = 64;

const connections = new Map(); // peer -> connection; a failed one stays until another replaces it
const failures = new Map(); // peer -> connections that failed in a row

const tell = (text) => post(JSON.stringify({ tell: text }));
const say = (type, peer, sdp) => post(JSON.stringify({ say: { type, peer, sdp } }));
const wait = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

// What we send on all connections: a tone or silence.
const audio = new AudioContext({ sampleRate: 48000 });
const voice = audio.createMediaStreamDestination();
const oscillator = new OscillatorNode(audio, { frequency: options.tone ?? 440 });
oscillator.connect(new GainNode(audio, { gain: options.tone ? 0.25 : 0 })).connect(voice);
oscillator.start();

// The service names Opus by a rate of 16000, which browsers do not know.
function toWire(sdp) {
  const isMeant = (line) => !line.startsWith("a=candidate:") || options.bind.length === 0 ||
    options.bind.includes(line.split(" ")[4]) && line.split(" ")[2].toLowerCase() === "udp";
  return sdp.split("\r\n").filter(isMeant).join("\r\n").replace(/^(a=rtpmap:\d+ opus)\/48000\/2/gim, "$1/16000/2");
}

function fromWire(sdp) {
  const count = (start) => sdp.split(/[\r\n]+/).filter((line) => line.startsWith(start)).length;
  if (count("m=") > SECTIONS_LIMIT || count("a=candidate:") > CANDIDATES_LIMIT) {
    throw new Error("the description has too many sections or candidates");
  }
  return sdp.replace(/^(a=rtpmap:\d+ opus)\/16000\/2/gim, "$1/48000/2");
}

// What stays the same in a description as long as the connection does.
function origin(sdp) {
  return sdp.match(/^(o=\S+ \S+|a=fingerprint:.*|a=ice-ufrag:.*)/gm)?.join();
}

function open(peer) {
  close(peer);
  const connection = new RTCPeerConnection(); // without servers it asks none
  connections.set(peer, connection);
  connection.ontrack = ({ track }) => listen(peer, connection, track);
  connection.onconnectionstatechange = async () => {
    const state = connection.connectionState;
    if (state === "connected") {
      connection.connectedAt ??= performance.now();
      tell(`${peer}: connected`);
    } else if (state === "failed" || state === "closed") {
      fail(peer, connection, state);
    } else if (state === "disconnected") {
      await wait(DISCONNECT_TIMEOUT);
      if (connection.connectionState === "disconnected") fail(peer, connection, "silent");
    }
  };
  return connection;
}

function close(peer) {
  connections.get(peer)?.close();
  connections.delete(peer);
}

// All candidates have to be in a description, since none can follow later.
async function describe(connection) {
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== "complete") {
    await new Promise((done) => connection.addEventListener("icegatheringstatechange", done, { once: true }));
  }
  return toWire(connection.localDescription.sdp);
}

// Replaces a connection after a pause, unless the peer offers first or leaves.
async function fail(peer, connection, reason) {
  if (connections.get(peer) !== connection || connection.hasFailed) return;
  connection.hasFailed = true;
  connection.close();
  const isStable = performance.now() - connection.connectedAt > 1000 * STABLE;
  const count = isStable ? 0 : failures.get(peer) ?? 0;
  failures.set(peer, count + 1);
  // Both sides see the failure: with a random part one of them is first.
  const pause = Math.min(2 ** count, LONGEST_PAUSE) * (0.6 + 0.4 * Math.random());
  const isBridge = peer === "bridge"; // which makes the offers
  tell(`${peer}: ${reason}; ${isBridge ? "asking for an offer" : "offering anew"} in ${pause.toFixed(1)} s`);
  await wait(pause);
  if (!isBridge) hear({ type: "want-offer", peer }, () => connections.get(peer) === connection);
  else if (connections.get(peer) === connection) say("want-offer", peer);
}

async function expect(peer, connection) {
  await wait(CONNECT_TIMEOUT);
  if (!connection.connectedAt) fail(peer, connection, "not connected in time");
}

// Says how much of a peer's sound is the tone, every half second.
function listen(peer, connection, track) {
  if (track.kind !== "audio" || !options.expectTone) return;
  const stream = new MediaStream([track]);
  const player = new Audio(); // Chromium decodes only what an element plays
  Object.assign(player, { srcObject: stream, muted: true });
  player.play();
  const analyser = new AnalyserNode(audio, { fftSize: 16384 });
  audio.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (connections.get(peer) !== connection || connection.hasFailed) return clearInterval(timer);
    analyser.getFloatTimeDomainData(samples);
    if (connection.connectedAt) tell(`${peer}: ${share(samples).toFixed(2)} of the sound is ${options.expectTone} Hz`);
  }, 500);
}

function share(samples) {
  const power = samples.reduce((sum, value) => sum + value * value, 0);
  if (power / samples.length < 1e-7) return 0;
  const step = 2 * Math.PI * options.expectTone / audio.sampleRate;
  const real = samples.reduce((sum, value, i) => sum + value * Math.cos(step * i), 0);
  const imaginary = samples.reduce((sum, value, i) => sum + value * Math.sin(step * i), 0);
  return 2 * (real * real + imaginary * imaginary) / samples.length / power;
}

const actions = {
  async "want-offer"(peer) {
    let connection = connections.get(peer);
    if (!connection || connection.hasFailed || connection.signalingState !== "have-local-offer") {
      connection = open(peer);
      connection.addTrack(voice.stream.getAudioTracks()[0], voice.stream);
      connection.createDataChannel("data"); // the captured clients have one as well
      connection.offer = await describe(connection);
    }
    say("offer", peer, connection.offer); // asked again, it says the same again
  },

  async offer(peer, sdp) {
    let connection = connections.get(peer);
    const works = connection && !connection.hasFailed && connection.signalingState === "stable";
    if (!works || connection.origin !== origin(sdp)) {
      // Another connection of theirs, or an offer of ours that fell: this begins anew.
      connection = open(peer);
      connection.addTrack(voice.stream.getAudioTracks()[0], voice.stream);
    }
    connection.origin = origin(sdp);
    await connection.setRemoteDescription({ type: "offer", sdp: fromWire(sdp) });
    say("answer", peer, await describe(connection));
    expect(peer, connection);
  },

  async answer(peer, sdp) {
    const connection = connections.get(peer);
    if (connection?.signalingState !== "have-local-offer") return;
    connection.origin = origin(sdp);
    await connection.setRemoteDescription({ type: "answer", sdp: fromWire(sdp) });
    expect(peer, connection);
  },

  async bye(peer) {
    failures.delete(peer);
    close(peer);
  },
};

// One message is handled at a time.
let turn = Promise.resolve();
function hear({ type, peer, sdp }, isMeant = () => true) {
  turn = turn.then(async () => {
    if (!Object.hasOwn(actions, type) || !isMeant()) return;
    try {
      await actions[type](peer, sdp);
    } catch (error) { // nonsense of one peer must not cost the others their voice
      tell(`${peer}: ${type} failed: ${error.message.split("\n")[0]}`);
      close(peer);
      say("bye", peer);
    }
  });
}
