// What `ingest` does with one order, in JavaScript: the key is looked up, the fact is stored. Started by the cold-start bench.

import { createHash } from 'node:crypto'
import http from 'node:http'
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'

const runtime = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`
const agent = new http.Agent({ keepAlive: true })
const dynamodb = new DynamoDBClient({ maxAttempts: 3 })

async function shopOf(authorization) {
  const [kind, credentials] = authorization.split(' ')
  const key = kind === 'Basic' ? Buffer.from(credentials, 'base64').toString().split(':')[0] : credentials
  const digest = createHash('sha256').update(key).digest('hex')
  const found = await dynamodb.send(new GetItemCommand({
    TableName: process.env.TABLE_SHOPS,
    Key: { pk: { S: `key#${digest}` }, sk: { S: 'key' } },
    ReturnConsumedCapacity: 'TOTAL',
  }))
  return found.Item?.shop.S
}

async function handle(event) {
  const shop = await shopOf(event.headers.authorization)
  if (!shop) return { statusCode: 401, body: '{}' }
  const posted = JSON.parse(event.body)
  const { properties } = posted
  if (posted.type !== 'track' || !posted.userId || Number(properties.total) < 0) return { statusCode: 400, body: '{}' }
  const customer = `cust#${shop}#${createHash('sha256').update(posted.userId).digest('hex')}`
  const fact = { event: posted.event, message_id: posted.messageId, at: posted.timestamp, order: properties }
  const item = { pk: { S: customer }, sk: { S: `order#${posted.timestamp}` }, fact: { S: JSON.stringify(fact) } }
  let requests = { [process.env.TABLE_ACTIVITY]: [{ PutRequest: { Item: item } }] }
  while (Object.keys(requests).length > 0) {
    const answer = await dynamodb.send(new BatchWriteItemCommand({ RequestItems: requests, ReturnConsumedCapacity: 'TOTAL' }))
    requests = answer.UnprocessedItems ?? {}
  }
  const answer = { success: true, accepted: 1, rejected: [], warnings: [] }
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) }
}

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(runtime + path, { method, agent, headers: { 'content-type': 'application/json' } }, (answer) => {
      const chunks = []
      answer.on('data', (chunk) => chunks.push(chunk))
      answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(chunks).toString() }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

for (;;) {
  const invocation = await call('GET', '/next')
  const answer = await handle(JSON.parse(invocation.body))
  await call('POST', `/${invocation.headers['lambda-runtime-aws-request-id']}/response`, JSON.stringify(answer))
}
