// Signs the demonstration's accounts in and runs schemathesis as each of them; see schemathesis.sh.
import { spawnSync } from 'node:child_process'

const base = process.env.E2E_BASE_URL
const about = await (await fetch(`${base}/api/v1/about`)).json()
const accounts = about.demo?.accounts ?? []
if (accounts.length === 0) throw new Error('the demonstration shows no accounts')

const runs = [{ name: 'visitor', headers: [] }]
for (const { role, email, password } of accounts) {
  if (runs.some(({ name }) => name === role)) continue
  const answer = await fetch(`${base}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: base },
    body: JSON.stringify({ email, password }),
  })
  if (!answer.ok) throw new Error(`${role} cannot sign in: ${answer.status}`)
  const cookie = answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
  runs.push({ name: role, headers: ['-H', `Cookie: ${cookie}`] })
}

// last, because it changes the accounts of the others
runs.sort((a, b) => (a.name === 'administrator') - (b.name === 'administrator'))

const failed = []
for (const { name, headers } of runs) {
  console.log(`--- schemathesis as ${name}`)
  const { status } = spawnSync(
    process.env.SCHEMATHESIS,
    [
      'run', `${base}/api/openapi.json`, '--url', base, ...headers, '-H', `Origin: ${base}`,
      '--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance',
      // these two end the session that the run is made with
      '--exclude-operation-id', 'sign_out', '--exclude-operation-id', 'change_password',
      '--max-examples', process.env.EXAMPLES, '--seed', '20261124', '--continue-on-failure', '--no-color',
    ],
    { stdio: 'inherit' },
  )
  if (status !== 0) failed.push(name)
}
console.log(`F11 schemathesis, runs with an error of ours or a broken promise: got ${failed.length} of ${runs.length} (${failed.join(', ') || 'none'}), goal 0`)
process.exit(failed.length === 0 ? 0 : 1)
