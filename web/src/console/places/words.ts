import { useText } from '../../language/Language'

/** A type of location in words; one of the country's own as it is written. */
export function useTypeWords(): (type: string) => string {
  const t = useText()
  return (type) => {
    if (type === '') return t('console.places.typeless')
    const words = t(`console.places.type.${type}`)
    return words === `console.places.type.${type}` ? type : words
  }
}
