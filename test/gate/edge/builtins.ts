/** What CloudFront's JavaScript runtime 2.0 has, by AWS's list of its features; all else is taken away. */
import { type Context, Script } from 'node:vm'

const words = (text: string) => text.split(/\s+/)

/** Global names, besides those of modules. */
const GLOBALS = words(
  `Object Function String Number Math Date RegExp JSON Array Float32Array Float64Array Int8Array
  Int16Array Int32Array Uint8Array Uint8ClampedArray Uint16Array Uint32Array ArrayBuffer Promise
  DataView Symbol TextDecoder TextEncoder console Boolean Error EvalError RangeError ReferenceError
  SyntaxError TypeError URIError globalThis decodeURI decodeURIComponent encodeURI
  encodeURIComponent isFinite isNaN parseFloat parseInt atob btoa NaN Infinity undefined`,
)

/** Of constructors and namespaces. */
const STATICS: Record<string, string[]> = {
  Object: words(
    `create defineProperties defineProperty freeze getOwnPropertyDescriptor assign entries values keys
    getOwnPropertyDescriptors getOwnPropertyNames getPrototypeOf isExtensible isFrozen isSealed
    preventExtensions seal`,
  ),
  String: words('fromCharCode fromCodePoint'),
  Number: words(
    `EPSILON MAX_SAFE_INTEGER MIN_SAFE_INTEGER MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY
    POSITIVE_INFINITY isFinite isInteger isNaN isSafeInteger parseInt parseFloat`,
  ),
  Date: words('UTC now parse'),
  JSON: words('parse stringify'),
  Array: words('isArray of'),
  ArrayBuffer: words('isView'),
  Promise: words('all allSettled any reject resolve race'),
  Symbol: words('for keyFor'),
  RegExp: [],
  Boolean: [],
  Function: [],
}

const PROTOTYPES: Record<string, string[]> = {
  Object: words('hasOwnProperty isPrototypeOf propertyIsEnumerable toString valueOf'),
  String: words(
    `charAt concat indexOf lastIndexOf match replace search slice split substr substring toLowerCase
    trim toUpperCase codePointAt endsWith includes repeat startsWith padStart padEnd trimStart trimEnd
    replaceAll toString valueOf length`,
  ),
  Number: words('toExponential toFixed toPrecision toString valueOf'),
  Function: words('apply bind call toString'),
  RegExp: words('global ignoreCase multiline source sticky flags exec test toString'),
  Array: words(
    `concat every filter forEach indexOf join lastIndexOf map pop push reduce reduceRight reverse shift
    slice some sort splice unshift copyWithin fill find findIndex includes length toString`,
  ),
  Promise: words('catch finally then'),
}

/** Takes away what a new context has and the runtime lacks. Symbols stay: V8 itself needs them. */
export function bareGlobals(context: Context): void {
  const take = new Script(`(globals, statics, prototypes) => {
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (!globals.includes(name)) delete globalThis[name]
    }
    const keep = (object, names) => {
      for (const name of Object.getOwnPropertyNames(object)) {
        const { configurable } = Object.getOwnPropertyDescriptor(object, name)
        const own = name === 'constructor' || name === 'prototype' || name === 'name'
        if (configurable && !own && !names.includes(name)) delete object[name]
      }
    }
    const later = []
    for (const [name, names] of Object.entries(prototypes)) later.push([globalThis[name].prototype, names])
    for (const [name, names] of Object.entries(statics)) later.push([globalThis[name], names])
    for (const [object, names] of later) keep(object, names)
  }`).runInContext(context)
  take(GLOBALS, STATICS, PROTOTYPES)
}
