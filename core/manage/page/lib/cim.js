// SPDX-License-Identifier: BSD-3-Clause
//
// CIM operations over HTTP (doc/formats.md, chapter 10): the same requests
// that xvsctl makes.  Values stay texts, as they travel: a uint64 does not
// fit into a number of JavaScript.

const SPACE = '<LOCALNAMESPACEPATH><NAMESPACE NAME="root"></NAMESPACE>'
  + '<NAMESPACE NAME="xvs"></NAMESPACE></LOCALNAMESPACEPATH>';

// What xvsctl web wants to hear with each request; null: asked directly.
let token = null;

export function setToken(text) {
  token = text;
}

export class CimError extends Error {
  constructor(text, kind, status) {
    super(text);
    this.kind = kind;       // of XVS-Error: "refused", "denied", ...
    this.status = status;   // of CIM, or of HTTP
  }
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text) {
  return String(text).replace(/[&<>"]/g, (c) => ESCAPES[c])
    .replace(/[\t\n\r]/g, (c) => `&#${c.charCodeAt(0)};`);
}

// ---- Requests --------------------------------------------------------------

const param = (name, xml) => `<IPARAMVALUE NAME="${name}">${xml}`
  + '</IPARAMVALUE>';
const value = (text) => `<VALUE>${escape(text)}</VALUE>`;
const values = (list) => `<VALUE.ARRAY>${list.map((item) =>
  item === null ? '<VALUE.NULL></VALUE.NULL>' : value(item)).join('')}`
  + '</VALUE.ARRAY>';
const className = (name) =>
  `<CLASSNAME NAME="${escape(name)}"></CLASSNAME>`;

// The name of an object; all keys of what this page changes are texts.
export function pathOf(cls, keys) {
  const bindings = Object.entries(keys).map(([name, text]) =>
    `<KEYBINDING NAME="${escape(name)}"><KEYVALUE VALUETYPE="string">`
    + `${escape(text)}</KEYVALUE></KEYBINDING>`);

  return `<INSTANCENAME CLASSNAME="${escape(cls)}">${bindings.join('')}`
    + '</INSTANCENAME>';
}

function propertyXml({ name, type, isArray, isObject, value: content }) {
  const tag = isArray ? 'PROPERTY.ARRAY' : 'PROPERTY';
  const inside = content === null || content === undefined ? ''
    : isArray ? values(content) : value(content);

  return `<${tag} NAME="${escape(name)}" TYPE="${escape(type)}"`
    + `${isObject ? ' EmbeddedObject="instance"' : ''}>${inside}`
    + `</${tag}>`;
}

const instanceXml = (cls, properties) => `<INSTANCE CLASSNAME="`
  + `${escape(cls)}">${properties.map(propertyXml).join('')}</INSTANCE>`;

// An object as a value of another.
export const objectText = instanceXml;

export function objectOf(text) {
  const node = new DOMParser().parseFromString(text, 'application/xml')
    .documentElement;

  return node.tagName === 'INSTANCE' ? instanceOf(node)
    : { class: '', values: {} };
}

function headers(name) {
  const fields = {
    'Content-Type': 'application/xml; charset=utf-8',
    CIMOperation: 'MethodCall',
    CIMProtocolVersion: '1.0',
    CIMMethod: encodeURIComponent(name),
  };

  if (token) {
    fields.Authorization = `Bearer ${token}`;
  }
  return fields;
}

const send = (name, xml, signal) => fetch('/cimom', {
  method: 'POST', headers: headers(name), body: xml, signal,
  cache: 'no-store', redirect: 'error',
});

const READS = /^(Get|Enumerate|ExecQuery)/;

// A browser on the host itself drops its connections whenever an interface
// comes or goes: reading is tried again, a change is not.
async function sendSafely(name, xml, signal) {
  try {
    return await send(name, xml, signal);
  } catch (error) {
    if (READS.test(name)) {
      return send(name, xml, signal).catch(() => {
        throw new CimError('Nobody answers at this address.', 'failed', 0);
      });
    }
    throw new CimError('The connection broke before the answer came.  '
      + 'Whether it was done is not known: look before you try again.',
    'failed', 0);
  }
}

async function post(name, xml, signal) {
  const response = await sendSafely(name, xml, signal);
  const text = await response.text();

  if (!response.ok) {
    throw new CimError(text.trim() || `HTTP ${response.status}`,
      response.headers.get('XVS-Error') || 'failed', response.status);
  }
  return answerOf(text, response.headers.get('XVS-Error'));
}

function message(element, name, inside) {
  return '<?xml version="1.0" encoding="utf-8"?>\n'
    + '<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" '
    + 'PROTOCOLVERSION="1.0"><SIMPLEREQ>'
    + `<${element} NAME="${name}">${inside}</${element}>`
    + '</SIMPLEREQ></MESSAGE></CIM>\n';
}

// The parameters of a method's call; those without a value are left out.
function parameterXml({ name, type, isArray, value: content }) {
  return content === null || content === undefined ? ''
    : `<PARAMVALUE NAME="${escape(name)}" PARAMTYPE="${escape(type)}">`
      + `${isArray ? values(content) : value(content)}</PARAMVALUE>`;
}

const call = (name, parameters, signal) => post(name,
  message('IMETHODCALL', name, SPACE + parameters.join('')), signal);

// ---- Answers ---------------------------------------------------------------

function answerOf(text, kind) {
  const document_ = new DOMParser().parseFromString(text, 'application/xml');
  const error = document_.getElementsByTagName('ERROR')[0];

  if (document_.getElementsByTagName('parsererror').length) {
    throw new CimError('The answer is no XML.', 'failed', 0);
  }
  if (error) {
    throw new CimError(error.getAttribute('DESCRIPTION') || 'no reason given',
      kind || 'failed', Number(error.getAttribute('CODE')));
  }
  return document_;
}

const childOf = (node, tag) => [...node.children].find((c) =>
  c.tagName === tag);

function arrayOf(node) {
  return [...node.children].map((item) => item.tagName === 'VALUE'
    ? item.textContent : null);
}

function contentOf(property) {
  const inside = property.firstElementChild
    && [...property.children].find((c) => c.tagName !== 'QUALIFIER');

  if (!inside) {
    return null;
  }
  return inside.tagName === 'VALUE.ARRAY' ? arrayOf(inside)
    : inside.textContent;
}

// An object as { class, values: { Name: text | [text] | null } }.
function instanceOf(node) {
  const found = { class: node.getAttribute('CLASSNAME'), values: {} };

  for (const property of node.children) {
    if (property.tagName.startsWith('PROPERTY')) {
      found.values[property.getAttribute('NAME')] = contentOf(property);
    }
  }
  return found;
}

const instancesOf = (answer) => [...answer.getElementsByTagName('INSTANCE')]
  .map(instanceOf);

function qualifiersOf(node) {
  const found = {};

  for (const qualifier of node.children) {
    if (qualifier.tagName === 'QUALIFIER') {
      found[qualifier.getAttribute('NAME').toLowerCase()] =
        contentOf(qualifier);
    }
  }
  return found;
}

const isTrue = (text) => typeof text === 'string'
  && text.toLowerCase() === 'true';

function propertyOf(node) {
  const qualifiers = qualifiersOf(node);
  const says = (name) => isTrue(qualifiers[name]);

  return {
    name: node.getAttribute('NAME'), qualifiers,
    type: node.getAttribute('TYPE') || 'reference',
    isArray: node.tagName === 'PROPERTY.ARRAY',
    isObject: node.hasAttribute('EmbeddedObject')
      || node.tagName === 'PROPERTY.REFERENCE'
      || 'embeddedinstance' in qualifiers || says('embeddedobject'),
    otherwise: contentOf(node),
    isKey: says('key'), isSecret: says('secret'),
    isRequired: says('required'), isCounter: says('counter'),
    isWritten: says('write'), isRead: says('read') && !says('write'),
  };
}

// A parameter of a method, as a property is: what goes in, what comes out.
function parameterOf(node) {
  const property = propertyOf(node);
  const { qualifiers } = property;

  return { ...property, otherwise: null,
    isArray: node.tagName.endsWith('ARRAY'),
    isObject: property.isObject || node.tagName.includes('REF'),
    isIn: !('in' in qualifiers) || isTrue(qualifiers.in),
    isOut: isTrue(qualifiers.out) };
}

function methodOf(node) {
  return {
    name: node.getAttribute('NAME'), type: node.getAttribute('TYPE'),
    qualifiers: qualifiersOf(node),
    parameters: [...node.children].filter((c) =>
      c.tagName.startsWith('PARAMETER')).map(parameterOf),
  };
}

function classOf(node) {
  return {
    name: node.getAttribute('NAME'),
    base: node.getAttribute('SUPERCLASS'),
    qualifiers: qualifiersOf(node),
    methods: [...node.children].filter((c) => c.tagName === 'METHOD')
      .map(methodOf),
    properties: [...node.children].filter((c) =>
      c.tagName.startsWith('PROPERTY')).map(propertyOf),
  };
}

// ---- Operations ------------------------------------------------------------

const classes = new Map();

export function forgetClasses() {
  classes.clear();
}

// Classes of objects that its properties hold.
async function embed(cls) {
  await Promise.all(cls.properties.map(async (property) => {
    const name = property.qualifiers.embeddedinstance;

    if (name) {
      property.embedded = await getClass(name);
    }
  }));
  return cls;
}

// A class with all that it inherits.
export async function getClass(name) {
  if (!classes.has(name)) {
    const answer = await call('GetClass', [
      param('ClassName', className(name)),
      param('LocalOnly', value('FALSE')),
      param('IncludeQualifiers', value('TRUE'))]);

    classes.set(name, await embed(classOf(
      answer.getElementsByTagName('CLASS')[0])));
  }
  return classes.get(name);
}

export async function enumerate(name, names = null, signal = undefined) {
  const parameters = [param('ClassName', className(name)),
    param('LocalOnly', value('FALSE')),
    param('DeepInheritance', value('TRUE'))];

  if (names) {
    parameters.push(param('PropertyList', values(names)));
  }
  return instancesOf(await call('EnumerateInstances', parameters, signal));
}

export async function getInstance(cls, keys) {
  const answer = await call('GetInstance',
    [param('InstanceName', pathOf(cls, keys)),
      param('LocalOnly', value('FALSE'))]);

  return instancesOf(answer)[0];
}

export async function query(wql) {
  return instancesOf(await call('ExecQuery', [
    param('QueryLanguage', value('WQL')), param('Query', value(wql))]));
}

// Properties are { name, type, isArray, value }.
export function create(cls, properties) {
  return call('CreateInstance', [
    param('NewInstance', instanceXml(cls, properties))]);
}

export function modify(cls, keys, properties) {
  return call('ModifyInstance', [
    param('ModifiedInstance', `<VALUE.NAMEDINSTANCE>${pathOf(cls, keys)}`
      + `${instanceXml(cls, properties)}</VALUE.NAMEDINSTANCE>`),
    param('PropertyList', values(properties.map((p) => p.name)))]);
}

export function remove(cls, keys) {
  return call('DeleteInstance', [param('InstanceName', pathOf(cls, keys))]);
}

// Calls a method of an object; what it answers, by name of its parameters, and
// its own value as "".
export async function invoke(cls, keys, method, parameters) {
  const answer = await post(method, message('METHODCALL', method,
    `<LOCALINSTANCEPATH>${SPACE}${pathOf(cls, keys)}</LOCALINSTANCEPATH>`
    + parameters.map(parameterXml).join('')));
  const found = {};

  for (const node of answer.querySelectorAll('PARAMVALUE, RETURNVALUE')) {
    found[node.getAttribute('NAME') || ''] = contentOf(node);
  }
  return found;
}

// An enumeration that the server keeps open: { context }.
export async function openEvents(after, signal) {
  const answer = await call('OpenEnumerateInstances', [
    param('ClassName', className('XVS_Event')),
    param('FilterQueryLanguage', value('WQL')),
    param('FilterQuery',
      value(`SELECT * FROM XVS_Event WHERE Sequence > ${after}`)),
    param('OperationTimeout', value('25')),
    param('MaxObjectCount', value('0'))], signal);

  return contextOf(answer);
}

function contextOf(answer) {
  for (const node of answer.getElementsByTagName('PARAMVALUE')) {
    if (node.getAttribute('NAME') === 'EnumerationContext') {
      return childOf(node, 'VALUE').textContent;
    }
  }
  return null;
}

// Waits for events; [] when nothing happened in time.
export async function pullEvents(context, signal) {
  const answer = await call('PullInstancesWithPath', [
    param('EnumerationContext', value(context)),
    param('MaxObjectCount', value('200'))], signal);

  return { events: instancesOf(answer), context: contextOf(answer) };
}

export function closeEvents(context) {
  return call('CloseEnumeration', [
    param('EnumerationContext', value(context))]);
}

// "admin" or "reader"; the server decides about each request all the same.
export async function role() {
  const fields = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch('/cimom',
    { method: 'OPTIONS', headers: fields, cache: 'no-store' });

  if (!response.ok) {
    throw new CimError((await response.text()).trim(), 'denied',
      response.status);
  }
  return response.headers.get('XVS-Role') || 'reader';
}
