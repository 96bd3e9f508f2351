/* global io */
// Shows what each of three connections is told.

function show(id, text) {
  const line = document.createElement('li')
  line.textContent = text
  document.getElementById(id).append(line)
}

function connect() {
  const events = new EventSource('/events')
  events.addEventListener('message', ({ data }) => show('events', data))
  // It would come back by itself, and hear that nobody is signed in.
  events.addEventListener('error', () => {
    show('events', 'closed')
    events.close()
  })

  const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws`)
  socket.addEventListener('message', ({ data }) => show('ws', data))
  socket.addEventListener('close', ({ code, reason }) => show('ws', `closed ${code} ${reason}`))

  const socketIo = io({ forceNew: true })
  socketIo.on('session', (message) => show('io', JSON.stringify(message)))
  socketIo.on('connect_error', ({ message }) => show('io', message))
  socketIo.on('disconnect', (reason) => show('io', `closed: ${reason}`))
}

document.addEventListener('click', ({ target }) => {
  if (target.id === 'connect') connect()
  if (target.dataset.post !== undefined) void fetch(target.dataset.post, { method: 'POST' })
})
