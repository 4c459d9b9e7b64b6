// Where members stand on a grid of equal squares: roughly where they lie, and no borders.

// A row of the map is a row of squares, and each word one square: an ISO 3166-1 code, or two dots.
const MAP = `
.. .. fin swe nor .. .. .. .. .. .. .. .. .. .. .. .. can
irl gbr nld dnk pol .. .. .. .. .. mng .. prk jpn .. .. .. usa
fra bel deu aut rou tur .. .. .. .. chn .. kor .. .. .. .. mex
prt esp che ita grc syr irq irn afg .. mac hkg twn .. .. .. .. ..
.. .. .. isr lbn jor kwt pak npl btn mmr lao vnm .. mnp gum mhl bra
.. .. .. egy sau bhr qat .. ind bgd tha khm phl .. plw fsm kir arg
.. .. .. .. yem are omn .. .. lka .. mys brn .. .. nru tuv chl
.. .. .. .. .. .. .. .. mdv .. .. sgp idn tls png slb wsm tkl
.. .. .. .. .. .. mus .. .. .. .. .. .. .. .. vut fji ton
.. .. zaf .. .. .. .. .. .. .. .. .. aus .. .. ncl .. cok
.. .. .. .. .. .. .. .. .. .. .. .. .. .. nzl .. .. niu
`;

function placesOf(map) {
  const places = new Map();
  map.trim().split('\n').forEach((line, row) => {
    line.split(' ').forEach((code, column) => {
      if (code !== '..') places.set(code, {row, column});
    });
  });
  return places;
}

const PLACES = placesOf(MAP);

// The tiles of members: {columns, rows, placed: [{member, row, column}], apart: [member]}. Rows and
// columns in which nobody stands are left out. Organisations, and states that the map doesn't have,
// stand apart.
export function tilesOf(members) {
  const placed = [];
  const apart = [];
  for (const member of members) {
    const place = member.kind !== 'ORGANISATION' && PLACES.get(member.name.split('/')[1]);
    if (place) placed.push({member, ...place});
    else apart.push(member);
  }
  const columns = close(placed, 'column');
  const rows = close(placed, 'row');
  placed.sort((a, b) => a.row - b.row || a.column - b.column);
  return {columns, rows, placed, apart};
}

// Moves tiles together along an axis over lines without a tile. How many lines are left.
function close(placed, axis) {
  const lines = [...new Set(placed.map((tile) => tile[axis]))].sort((a, b) => a - b);
  for (const tile of placed) tile[axis] = lines.indexOf(tile[axis]);
  return lines.length;
}
