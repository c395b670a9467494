// What a script of Node would do with a push stream: parse each message, and print it as a line.
const WebSocket = require('ws');
const socket = new WebSocket(process.argv[2], 'np-pushpacket', { rejectUnauthorized: false, perMessageDeflate: false });
socket.on('message', (data) => process.stdout.write(JSON.stringify(JSON.parse(data.toString())) + '\n'));
socket.on('error', (error) => { console.error(String(error)); process.exit(1); });
