// Prints what the program and the pages are made of, as CycloneDX 1.5: `make sbom`. From the lockfiles, without network.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const cargo = JSON.parse(
  execFileSync('cargo', ['metadata', '--locked', '--format-version', '1', '--filter-platform', 'x86_64-unknown-linux-gnu'], {
    maxBuffer: 1 << 28,
  }),
)
const packages = new Map(cargo.packages.map((one) => [one.id, one]))
const nodes = new Map(cargo.resolve.nodes.map((one) => [one.id, one]))
const hashes = new Map(
  readFileSync('Cargo.lock', 'utf8')
    .split('[[package]]')
    .map((text) => ['name', 'version', 'checksum'].map((key) => text.match(new RegExp(`^${key} = "(.*)"`, 'm'))?.[1]))
    .map(([name, version, checksum]) => [`${name}@${version}`, checksum]),
)

// what the binary is linked from and built with, not what only tests need
const shipped = new Set()
const visit = (id) => {
  if (shipped.has(id)) return
  shipped.add(id)
  for (const { pkg, dep_kinds } of nodes.get(id).deps) if (dep_kinds.some(({ kind }) => kind !== 'dev')) visit(pkg)
}
const program = cargo.packages.find(({ name }) => name === 'tachawor')
visit(program.id)

const rust = [...shipped].map((id) => packages.get(id)).filter(({ source }) => source)
const crates = rust.map(({ name, version, license }) => ({
  type: 'library',
  'bom-ref': `pkg:cargo/${name}@${version}`,
  name,
  version,
  purl: `pkg:cargo/${name}@${version}`,
  ...(license && { licenses: [{ expression: license.replaceAll('/', ' OR ') }] }),
  ...(hashes.get(`${name}@${version}`) && { hashes: [{ alg: 'SHA-256', content: hashes.get(`${name}@${version}`) }] }),
}))

const lock = JSON.parse(readFileSync('frontend/package-lock.json', 'utf8'))
const npm = Object.entries(lock.packages)
  .filter(([path]) => path.includes('node_modules/'))
  .map(([path, { version, license, integrity, dev }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
    const [algorithm, digest] = integrity?.split('-', 2) ?? []
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      purl,
      // the pages are built from these; what reaches a browser is chosen by the build
      scope: dev ? 'optional' : 'required',
      ...(license && { licenses: [{ expression: license }] }),
      ...(algorithm === 'sha512' && { hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }] }),
    }
  })

const components = [...new Map([...crates, ...npm].map((one) => [one['bom-ref'], one])).values()]
components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1))
console.log(
  JSON.stringify(
    {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: { component: { type: 'application', 'bom-ref': 'tachawor', name: 'tachawor', version: program.version } },
      components,
    },
    null,
    2,
  ),
)
