// The job database: it has an address in the studio's network and no other.
@description('Begins the name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('Password of its administrator.')
@secure()
param password string

@description('Subnet of the database.')
param subnet string

@description('Private DNS zone of the database.')
param zone string

@description('What it runs on. The smallest has 35 connections, which a door and a worker share.')
param size string = 'Standard_B1ms'

@description('Days for which it can be put back.')
@minValue(7)
@maxValue(35)
param backupDays int = 7

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: '${name}-${uniqueString(resourceGroup().id)}'
  location: location
  tags: tags
  sku: { name: size, tier: startsWith(size, 'Standard_B') ? 'Burstable' : 'GeneralPurpose' }
  properties: {
    version: '16'
    administratorLogin: 'atelier'
    administratorLoginPassword: password
    authConfig: { activeDirectoryAuth: 'Disabled', passwordAuth: 'Enabled' }
    storage: { storageSizeGB: 32, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: backupDays, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: 'Disabled' }
    network: {
      delegatedSubnetResourceId: subnet
      privateDnsZoneArmResourceId: zone
      publicNetworkAccess: 'Disabled'
    }
  }
}

resource tls 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'require_secure_transport'
  properties: { value: 'on', source: 'user-override' }
}

resource oldest 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2024-08-01' = {
  parent: server
  name: 'ssl_min_protocol_version'
  properties: { value: 'TLSv1.2', source: 'user-override' }
  dependsOn: [tls]
}

resource studio 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: server
  name: 'atelier'
  dependsOn: [oldest]
}

@description('Its host.')
output host string = server.properties.fullyQualifiedDomainName
