/** PT Sans, fetched ahead for the next page: the text that is being read now does not jump. */
import cyrillic from "@fontsource/pt-sans/files/pt-sans-cyrillic-400-normal.woff2?url";
import cyrillicBold from "@fontsource/pt-sans/files/pt-sans-cyrillic-700-normal.woff2?url";
import latin from "@fontsource/pt-sans/files/pt-sans-latin-400-normal.woff2?url";
import latinBold from "@fontsource/pt-sans/files/pt-sans-latin-700-normal.woff2?url";

export async function fetchFonts(): Promise<void> {
  await Promise.all([cyrillic, latin, cyrillicBold, latinBold].map((url) => fetch(url)));
}
