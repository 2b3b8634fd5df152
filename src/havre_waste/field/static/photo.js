// A photo as it may leave the phone: drawn anew, so that nothing of where, when and with what it was taken is in it,
// and small enough for a bad network.
const SIDE = 1280

export async function shrink(file, largest) {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  for (const [side, quality] of [[SIDE, 0.8], [SIDE, 0.6], [960, 0.6], [640, 0.5]]) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality))
    if (blob && blob.size <= largest) return { hash: await digest(blob), blob }
  }
  throw new Error('the photo does not get small enough')
}

async function digest(blob) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()))
  return Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('')
}
