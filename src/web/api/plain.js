// What the API does with an argument before anything else: it takes a plain copy. A getter that
// throws or calls the API again, a proxy, an object in itself: all of that happens here, while
// nothing is borrowed, and comes out as an error that names the field.

/** What can't be done, and why. `field` is the argument or the part of it that is wrong. */
export class KvorumError extends Error {
  constructor(field, why, options) {
    super(why.startsWith("must ") ? `${field} ${why}` : `${field}: ${why}`, options);
    this.name = "KvorumError";
    this.field = field;
  }
}

// The most values in an argument, letters in its strings, and lists and objects in one another.
const MOST = 100_000;
const LONGEST = 16_000_000;
const DEEPEST = 60;

// An argument as JSON; undefined stays what it is. `name` is the argument's: its parts are named
// from there on, by themselves.
export function plain(name, value) {
  if (value === undefined) return undefined;
  return copy({ name, values: 0, letters: 0 }, value, "", []);
}

function refuse(of, path, why, options) {
  throw new KvorumError(path || of.name, why, options);
}

// Does what may run code of the caller's.
function attempt(of, path, what) {
  try {
    return what();
  } catch (cause) {
    let said = "";
    try {
      said = `: ${String(cause?.message ?? cause).slice(0, 200)}`;
    } catch {
      // Not even the error can be read.
    }
    return refuse(of, path, `can't be read${said}`, { cause });
  }
}

function copy(of, value, path, above) {
  of.values += 1;
  if (of.values > MOST) refuse(of, "", `must not have more than ${MOST} values`);
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "string":
      return text(of, value, path);
    case "number":
      if (!Number.isInteger(value)) refuse(of, path, `must be a whole number, not ${value}`);
      if (!Number.isSafeInteger(value)) {
        refuse(of, path, `must be below 2^53: JavaScript doesn't hold ${value} exactly`);
      }
      return String(value);
    case "object":
      return value === null ? "null" : whole(of, value, path, above);
    case "bigint":
      return refuse(of, path, "must be a number, not a BigInt");
    default:
      return refuse(of, path, `must not be ${typeof value === "undefined" ? "" : "a "}${typeof value}`);
  }
}

function text(of, value, path) {
  of.letters += value.length;
  if (of.letters > LONGEST) refuse(of, "", `must not have more than ${LONGEST} letters`);
  if (/\p{Surrogate}/u.test(value)) refuse(of, path, "must not have half of a surrogate pair");
  return JSON.stringify(value);
}

function whole(of, value, path, above) {
  if (above.includes(value)) refuse(of, path, "must not be inside of itself");
  if (above.length >= DEEPEST) refuse(of, path, `must not be more than ${DEEPEST} levels deep`);
  const inside = [...above, value];
  return attempt(of, path, () => Array.isArray(value))
    ? list(of, value, path, inside)
    : object(of, value, path, inside);
}

function list(of, value, path, inside) {
  const length = attempt(of, path, () => value.length);
  if (!(length <= MOST)) refuse(of, path, `must not have more than ${MOST} values`);
  const names = attempt(of, path, () => Reflect.ownKeys(value));
  if (names.length !== length + 1) refuse(of, path, "must be a list without gaps or names");
  const items = [];
  for (let at = 0; at < length; at += 1) {
    const here = `${path}[${at}]`;
    items.push(copy(of, attempt(of, here, () => value[at]), here, inside));
  }
  return `[${items.join(",")}]`;
}

function object(of, value, path, inside) {
  const [prototype, root] = attempt(of, path, () => {
    const prototype = Object.getPrototypeOf(value);
    return [prototype, prototype && Object.getPrototypeOf(prototype)];
  });
  // Of any window: what is below nothing but the root of all.
  if (prototype !== null && root !== null) refuse(of, path, "must be a plain object");
  const fields = [];
  for (const name of attempt(of, path, () => Reflect.ownKeys(value))) {
    if (typeof name === "symbol") refuse(of, path, "must not have a symbol as a name");
    const here = path ? `${path}.${name.slice(0, 80)}` : name.slice(0, 80);
    const field = attempt(of, here, () => value[name]);
    if (field !== undefined) {
      fields.push(`${text(of, name, here)}:${copy(of, field, here, inside)}`);
    }
  }
  return `{${fields.join(",")}}`;
}
