// How long it is until a moment, on the server's clock, told anew each second.

import {serverNow} from '../lib/api.js';
import {html, useEffect, useState} from '../lib/html.js';
import {timeLeft} from '../lib/silence.js';

// The server's time, which moves on while the part is shown.
export function useServerNow() {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Countdown({time}) {
  const left = Date.parse(time) - useServerNow();
  return html`<span role="timer" class="countdown">${timeLeft(left)}</span>`;
}
